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

    // Calls whose arguments are numbers, addresses and descriptors alone. What starts, ends or stops tasks has steps.
    private static readonly SyscallNr[] Calls =
    [
        SyscallNr.Mmap, SyscallNr.Munmap, SyscallNr.Mremap, SyscallNr.Mprotect, SyscallNr.Madvise, SyscallNr.Msync,
        SyscallNr.Mlock, SyscallNr.Mlock2, SyscallNr.Munlock, SyscallNr.Mlockall, SyscallNr.Munlockall,
        SyscallNr.Mincore, SyscallNr.Brk, SyscallNr.RemapFilePages, SyscallNr.Mseal, SyscallNr.Membarrier,
        SyscallNr.MemfdCreate, SyscallNr.Ftruncate, SyscallNr.Fallocate, SyscallNr.Fadvise64, SyscallNr.Readahead,
        SyscallNr.SyncFileRange, SyscallNr.Fdatasync, SyscallNr.Lseek, SyscallNr.Dup, SyscallNr.Close,
        SyscallNr.Read, SyscallNr.Write, SyscallNr.Pread64, SyscallNr.Pwrite64, SyscallNr.Sendfile,
        SyscallNr.CopyFileRange, SyscallNr.Shmget, SyscallNr.Shmat, SyscallNr.Shmdt, SyscallNr.Shmctl,
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
        var name = new NameShape(MemoryStepKeys.RegionCharsMax);
        var region = Key.Optional<string?>("as", TaskStepKeys.OrNull(name), null,
            "A name for the region that begins at the address which the call gives; with \"length\".");
        var length = Key.Optional("length", new SizeShape(0, ulong.MaxValue), 0UL, "How long that region is.");
        var file = Key.Optional<string?>("asFile", TaskStepKeys.OrNull(name), null,
            "A name for the descriptor, or the id of shared memory, that the call gives.");
        Key<Errno> expect = StepKeys.Expect();
        return new ObjectShape<Step>("a syscall step", [call, args, region, length, file, expect], v =>
        {
            if (v.Get(region) is { } named && RegionTable.Fixed.Contains(named))
                v.Fail(region, $"\"as\" is \"{named}\", which every program has already; expected another name");
            if (v.Has(region) != v.Has(length))
                v.Fail("a syscall step has one of \"as\" and \"length\"; expected both or neither");
            return new SyscallStep(v.Get(call), v.Get(args))
            {
                Region = v.Get(region),
                RegionBytes = v.Get(length),
                File = v.Get(file),
                Expect = v.Get(expect),
            };
        });
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
