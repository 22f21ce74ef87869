using System.Collections.Immutable;
using System.Text;
using LinuxMem.Abi;
using LinuxMem.Workloads.Programs;
using LinuxMem.Workloads.Programs.Steps;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of a step that is any system call on memory or files.</summary>
internal static class SyscallStepKeys
{
    private const int ArgumentsMax = 6;
    private const int WordsMax = 64;
    private const int RangesMax = 16;

    // Calls whose arguments are numbers, addresses, descriptors, and what "words" and ranges can say. What starts, ends
    // or stops tasks has steps.
    private static readonly SyscallNr[] Calls =
    [
        SyscallNr.Mmap, SyscallNr.Munmap, SyscallNr.Mremap, SyscallNr.Mprotect, SyscallNr.Madvise, SyscallNr.Msync,
        SyscallNr.Mlock, SyscallNr.Mlock2, SyscallNr.Munlock, SyscallNr.Mlockall, SyscallNr.Munlockall,
        SyscallNr.Mincore, SyscallNr.Brk, SyscallNr.RemapFilePages, SyscallNr.Mseal, SyscallNr.Membarrier,
        SyscallNr.MemfdCreate, SyscallNr.Ftruncate, SyscallNr.Fallocate, SyscallNr.Fadvise64, SyscallNr.Readahead,
        SyscallNr.SyncFileRange, SyscallNr.Fdatasync, SyscallNr.Lseek, SyscallNr.Dup, SyscallNr.Close,
        SyscallNr.Read, SyscallNr.Write, SyscallNr.Pread64, SyscallNr.Pwrite64, SyscallNr.Sendfile,
        SyscallNr.CopyFileRange, SyscallNr.Shmget, SyscallNr.Shmat, SyscallNr.Shmdt, SyscallNr.Shmctl,
        SyscallNr.Readv, SyscallNr.Writev, SyscallNr.Pipe2, SyscallNr.Splice, SyscallNr.Tee, SyscallNr.Vmsplice,
        SyscallNr.ProcessVmReadv, SyscallNr.ProcessVmWritev, SyscallNr.ProcessMadvise, SyscallNr.PidfdOpen,
        SyscallNr.Getpid, SyscallNr.Getppid, SyscallNr.Fcntl, SyscallNr.Ioctl, SyscallNr.Userfaultfd, SyscallNr.Mbind,
        SyscallNr.SetMempolicy, SyscallNr.SetMempolicyHomeNode, SyscallNr.MovePages, SyscallNr.Prctl,
        SyscallNr.Cachestat, SyscallNr.Futex,
    ];

    /// <summary>syscall.</summary>
    public static Shape<Step> Shape()
    {
        var call = Key.Required("call", new ChoiceShape<SyscallNr>([.. Calls.Select(nr => (NameOf(nr), nr))]),
            "Which call, by its name in the manual.");
        var args = Key.Optional("args", new ListShape<CallArgument>(new ArgumentShape(), ArgumentsMax, "arguments"),
            ImmutableArray<CallArgument>.Empty,
            "Its arguments in order: numbers, sizes, addresses, \"file:NAME\", regions such as \"m1+8KiB\"; what is "
            + "left out is 0.");
        var words = Key.Optional("words", new ListShape<CallArgument>(new ArgumentShape(), WordsMax, "words"),
            ImmutableArray<CallArgument>.Empty,
            "The numbers of the structure that the call reads, in the order of its fields, written like \"args\": a "
            + "program of steps has no structures in its memory.");
        var vectors = Ranges("vectors", "The caller's ranges of readv, writev, vmsplice and the like");
        var remote = Ranges("remoteVectors", "The other process's ranges of process_vm_readv and process_vm_writev");
        var name = new NameShape(MemoryStepKeys.RegionCharsMax);
        var region = Key.Optional<string?>("as", TaskStepKeys.OrNull(name), null,
            "A name for the region that begins at the address which the call gives; with \"length\".");
        var length = Key.Optional("length", new SizeShape(0, ulong.MaxValue), 0UL, "How long that region is.");
        var file = Key.Optional<string?>("asFile", TaskStepKeys.OrNull(name), null,
            "A name for the descriptor, the pid, or the id of shared memory that the call gives; of a pipe the end to "
            + "read from, and the other is NAME.w.");
        Key<Errno> expect = StepKeys.Expect();
        return new ObjectShape<Step>("a syscall step",
            [call, args, words, vectors, remote, region, length, file, expect], v =>
        {
            if (v.Get(region) is { } named && RegionTable.Fixed.Contains(named))
                v.Fail(region, $"\"as\" is \"{named}\", which every program has already; expected another name");
            if (v.Has(region) != v.Has(length))
                v.Fail("a syscall step has one of \"as\" and \"length\"; expected both or neither");
            CheckPairs(v, vectors);
            CheckPairs(v, remote);
            return new SyscallStep(v.Get(call), v.Get(args))
            {
                Region = v.Get(region),
                RegionBytes = v.Get(length),
                File = v.Get(file),
                Words = v.Get(words),
                Vectors = v.Get(vectors),
                RemoteVectors = v.Get(remote),
                Expect = v.Get(expect),
            };
        });
    }

    private static Key<ImmutableArray<ImmutableArray<CallArgument>>> Ranges(string name, string what) => Key.Optional(
        name, new ListShape<ImmutableArray<CallArgument>>(
            new ListShape<CallArgument>(new ArgumentShape(), 2, "parts: start and length"), RangesMax, "ranges"),
        ImmutableArray<ImmutableArray<CallArgument>>.Empty, what + ": [start, length] each.");

    private static void CheckPairs(KeyValues values, Key<ImmutableArray<ImmutableArray<CallArgument>>> key)
    {
        if (values.Get(key).Any(range => range.Length != 2))
            values.Fail(key, $"\"{key.Name}\" has a range of one part; expected start and length");
    }

    // RemapFilePages is remap_file_pages.
    private static string NameOf(SyscallNr nr)
    {
        var text = new StringBuilder();
        foreach (char c in nr.ToString())
        {
            if (char.IsAsciiLetterUpper(c) && text.Length > 0)
                text.Append('_');
            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }
}
