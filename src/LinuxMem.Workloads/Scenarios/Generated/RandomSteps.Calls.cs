namespace LinuxMem.Workloads.Scenarios.Generated;

/// <content>System calls beside those that every program makes: on ranges of memory, on sizes of files, and with
/// arguments at the edges of what is legal.</content>
internal sealed partial class RandomSteps
{
    private const ulong MayMove = 1;
    private const ulong Fixed = 2;
    private const ulong DontUnmap = 4;

    private static readonly string[] Advice =
    [
        "dontneed", "dontneed", "free", "free", "pageout", "pageout", "cold", "willneed", "populate_read",
        "populate_write", "dontfork", "dofork", "wipeonfork", "keeponfork", "mergeable", "mergeable",
        "unmergeable", "guard_install", "guard_remove", "dontneed_locked", "sequential", "random", "normal",
    ];

    private static readonly string[] EdgeCalls =
        ["mmap", "munmap", "mremap", "mprotect", "madvise", "msync", "mlock", "brk", "remap_file_pages", "mincore"];

    private static readonly string[] Edges =
    [
        "0", "1", "-1", "4095", "4096", "4097", "8191", "0x7ffffffff000", "0x7fffffffe000", "0x800000000000",
        "0xfffffffffffff000", "0x7fffffffffffffff", "0x8000000000000000", "0xf000", "0x10000", "0x11000", "2MiB",
        "1TiB",
    ];

    private static readonly string[] BitSets = ["0", "1", "2", "3", "4", "5", "0x22", "0x32", "0x122", "7", "16", "18"];

    private void WriteCall()
    {
        switch (stream.Below(16))
        {
            case < 4:
                Advise();
                break;
            case < 7:
                Remap();
                break;
            case 7:
                Lock();
                break;
            case 8:
                Sync();
                break;
            case < 11:
                Resize();
                break;
            case 11:
                Overlay();
                break;
            case 12:
                SharedMemory();
                break;
            case 13:
                Between();
                break;
            case 14:
                FileHint();
                break;
            default:
                AtTheEdge();
                break;
        }
    }

    private void Advise()
    {
        (string name, ulong size) = Region();
        Begin("madvise");
        json.WriteString("region", name);
        Range(size, "length", percent: 80);
        json.WriteString("advice", Advice[stream.Below((ulong)Advice.Length)]);
        End();
    }

    private void Remap()
    {
        (string name, ulong size) = Region();
        if (!name.StartsWith('m'))
            return;
        ulong first = stream.Percent(60) ? 0 : stream.Below(size);
        ulong old = stream.Percent(60) ? size - first : 1 + stream.Below(size - first);
        ulong wanted = stream.Percent(30) ? old : 1 + stream.Below(old + 8);
        ulong flags = stream.Percent(85) ? MayMove : 0;
        string target = "0";
        if (flags != 0 && stream.Percent(30))
        {
            (string other, ulong otherSize) = Region();
            target = Place(other, otherSize);
            flags |= Fixed;
        }

        if (flags != 0 && stream.Percent(10))
        {
            flags |= DontUnmap;
            wanted = old;
        }

        string moved = stream.Percent(50) && first == 0 ? name : $"m{depth}{(isThread ? "t" : "")}{named++}-moved";
        BeginCall("mremap", At(name, first), Bytes(old), Bytes(wanted), $"{flags}", target);
        json.WriteString("as", moved);
        Size("length", wanted);
        End();
        regions.Add((moved, wanted));
    }

    private void Lock()
    {
        (string name, ulong size) = Region();
        ulong first = stream.Percent(50) ? 0 : stream.Below(size);
        string start = At(name, first);
        string length = Bytes(1 + stream.Below(size - first));
        switch (stream.Below(8))
        {
            case < 3:
                Call("mlock", start, length);
                break;
            case < 5:
                Call("munlock", start, length);
                break;
            case 5:
                Call("mlock2", start, length, "1");
                break;
            case 6:
                Call("mlockall", $"{1 + stream.Below(7)}");
                break;
            default:
                Call("munlockall");
                break;
        }
    }

    private void Sync()
    {
        (string name, ulong size) = Region();
        Call("msync", Place(name, size), Bytes(1 + stream.Below(size)), stream.Percent(60) ? "4" : "1");
    }

    // What a file has at its end, in its middle, and behind it.
    private void Resize()
    {
        if (files.Count == 0)
        {
            NewMemoryFile(1 + stream.Below(24));
            return;
        }

        string file = "file:" + files[(int)stream.Below((ulong)files.Count)];
        ulong first = stream.Below(24);
        string length = Bytes(1 + stream.Below(12));
        ulong odd = stream.Percent(30) ? 8 * stream.Below(512) : 0;
        switch (stream.Below(10))
        {
            case < 5:
                Call("ftruncate", file, $"{(first * PageBytes) + odd}");
                break;
            case 5:
                Call("fallocate", file, "0", Bytes(first), length);
                break;
            case < 8:
                // FALLOC_FL_PUNCH_HOLE with KEEP_SIZE.
                Call("fallocate", file, "3", $"{(first * PageBytes) + odd}", length);
                break;
            case 8:
                // FALLOC_FL_ZERO_RANGE, COLLAPSE_RANGE, INSERT_RANGE.
                string mode = stream.Percent(40) ? "16" : stream.Percent(50) ? "8" : "32";
                Call("fallocate", file, mode, Bytes(first), length);
                break;
            default:
                NewMemoryFile(1 + stream.Below(24));
                break;
        }
    }

    // A new mapping in place of a part of an old one.
    private void Overlay()
    {
        (string name, ulong size) = Region();
        if (!name.StartsWith('m'))
            return;
        bool hasFile = files.Count > 0 && stream.Percent(40);
        string sharing = stream.Percent(30) ? hasFile ? "0x11" : "0x31" : hasFile ? "0x12" : "0x32";
        ulong first = stream.Below(size);
        string file = hasFile ? "file:" + files[(int)stream.Below((ulong)files.Count)] : "-1";
        Call("mmap", At(name, first), Bytes(1 + stream.Below(size - first)), stream.Percent(80) ? "3" : "1", sharing,
            file, hasFile ? Bytes(stream.Below(8)) : "0");
    }

    private void SharedMemory()
    {
        string id = $"s{depth}{named++}";
        ulong size = 1 + stream.Below(16);
        BeginCall("shmget", "0", Bytes(size), "0x3b6");
        json.WriteString("asFile", id);
        End();
        string name = $"m{depth}{(isThread ? "t" : "")}{named++}-shm";
        BeginCall("shmat", "file:" + id, "0", stream.Percent(85) ? "0" : "0x1000");
        json.WriteString("as", name);
        Size("length", size);
        End();
        regions.Add((name, size));
        TouchPart(name, size, write: true);
        if (stream.Percent(70))
            Call("shmctl", "file:" + id, "0");
        if (stream.Percent(20))
            Call("shmdt", name);
    }

    private void Between()
    {
        if (files.Count < 2)
            return;
        string from = "file:" + files[(int)stream.Below((ulong)files.Count)];
        string to = "file:" + files[(int)stream.Below((ulong)files.Count)];
        if (stream.Percent(50))
            Call("sendfile", to, from, "0", Bytes(1 + stream.Below(8)));
        else
            Call("copy_file_range", from, "0", to, "0", Bytes(1 + stream.Below(8)), "0");
    }

    private void FileHint()
    {
        if (files.Count == 0)
            return;
        string file = "file:" + files[(int)stream.Below((ulong)files.Count)];
        string first = Bytes(stream.Below(16));
        string length = Bytes(stream.Below(16));
        ulong draw = stream.Below(4);
        if (draw == 0)
            Call("readahead", file, first, length);
        else if (draw == 1)
            Call("sync_file_range", file, first, length, $"{stream.Below(8)}");
        else
            Call("fadvise64", file, first, length, $"{stream.Below(6)}");
    }

    private void AtTheEdge()
    {
        (string name, ulong size) = Region();
        string call = EdgeCalls[stream.Below((ulong)EdgeCalls.Length)];
        if (call == "brk")
        {
            // Far up, over whatever is there, and back at once.
            Call(call, Place(name, size));
            Call(call, "heap");
            return;
        }

        Call(call, stream.Percent(50) ? Place(name, size) : Edge(), Edge(),
            stream.Percent(50) ? BitSets[stream.Below((ulong)BitSets.Length)] : Edge(),
            BitSets[stream.Below((ulong)BitSets.Length)], stream.Percent(50) ? "-1" : Edge());
    }

    private string Edge() => Edges[stream.Below((ulong)Edges.Length)];

    private string Place(string name, ulong size) => At(name, stream.Percent(50) ? 0 : stream.Below(size));

    private static string At(string name, ulong first) => first == 0 ? name : $"{name}+{first * PageBytes / 1024}KiB";

    private static string Bytes(ulong count) => $"{count * PageBytes / 1024}KiB";

    private void Call(string call, params string[] args)
    {
        BeginCall(call, args);
        End();
    }

    private void BeginCall(string call, params string[] args)
    {
        Begin("syscall");
        json.WriteString("call", call);
        if (args.Length == 0)
            return;
        json.WriteStartArray("args");
        foreach (string arg in args)
            json.WriteStringValue(arg);
        json.WriteEndArray();
    }
}
