using LinuxMem.Simulation.Random;

namespace LinuxMem.Workloads.Scenarios.Generated;

/// <content>Stories about what needs two things at the same time. They are drawn apart: what else a program does is the
/// same with them and without.</content>
internal sealed partial class RandomSteps
{
    private const int ApartPercent = 35;

    private void WriteApart() => Aside("apart", ApartPercent, () =>
    {
        switch (stream.Below(11))
        {
            case 0:
                Likenesses();
                break;
            case 1:
                Tide();
                break;
            case 2:
                Witnesses();
                break;
            case 3:
                Locksmiths();
                break;
            case 4:
                Stump();
                break;
            case 5:
                Removal();
                break;
            case 6:
                Rot();
                break;
            case 7:
                Ebb();
                break;
            case 8:
                Secrets();
                break;
            case 9:
                Flood();
                break;
            default:
                Brood();
                break;
        }
    });

    // Steps that are drawn from a stream of their own, in so many programs of a hundred.
    private void Aside(string tag, int percent, Action write)
    {
        RandomStream kept = stream;
        stream = new RandomStream(RandomStream.Derive(seed, tag));
        if (stream.Percent(percent))
            write();
        stream = kept;
    }

    // Pages that are equal again and again, and written to just when they may be merged.
    private void Likenesses()
    {
        ulong size = 1 + stream.Below(3);
        string file = $"f{depth}{named++}";
        OpenAs("/d/3", file, size);
        (string one, _) = Map("like", size, shared: false);
        (string other, _) = Map("like", size, shared: false);
        foreach (string name in (string[])[one, other])
        {
            Begin("madvise");
            json.WriteString("region", name);
            json.WriteString("advice", "mergeable");
            End();
        }

        BeginLoop(4 + stream.Below(12));
        foreach (string name in (string[])[one, other])
        {
            Begin("read");
            json.WriteString("file", file);
            Size("bytes", size);
            Size("offset", 0);
            json.WriteString("region", name);
            End();
        }

        json.WriteStartObject();
        json.WriteString("sleep", $"{1500 + stream.Below(6000)}us");
        json.WriteEndObject();
        ReadOf("touch", one);
        Begin("access");
        json.WriteString("region", "data");
        json.WriteString("pattern", "uniform");
        json.WriteNumber("count", 1 + stream.Below(400));
        End();
        TouchPart(one, size, write: true);
        EndLoop();
        ReadOf("touch", other);
    }

    // Pages of a file that are on their way to the disk while memory is compacted.
    private void Tide()
    {
        ulong size = 4 + stream.Below(20);
        string file = AnyFile(size);
        string holes = $"k{depth}{named++}";
        Begin("kernelAlloc");
        json.WriteNumber("order", stream.Below(4));
        json.WriteNumber("count", 1 + stream.Below(6));
        json.WriteString("as", holes);
        End();
        (string name, _) = Map("tide", size, shared: true, file);
        TouchPart(name, size, write: true);
        Begin("kernelFree");
        json.WriteString("blocks", holes);
        End();
        for (ulong i = 1 + stream.Below(3); i > 0; i--)
        {
            TouchPart(name, size, write: true);
            Call("sync_file_range", "file:" + file, "0", Bytes(size), "2");
            Bare("compactMemory", null);
            ReadOf("touch", name);
        }

        Text("fsync", file);
    }

    // Two who have a file open, of which each must hear what became of it.
    private void Witnesses()
    {
        string path = $"/d/{stream.Below(3)}";
        string file = $"f{depth}{named++}";
        string other = $"f{depth}{named++}";
        ulong size = 1 + stream.Below(6);
        OpenAs(path, file, size);
        OpenAs(path, other, size);
        (string name, _) = Map("shared", size, shared: true, file);
        for (ulong i = 2 + stream.Below(4); i > 0; i--)
        {
            TouchPart(name, size, write: true);
            Text("fsync", stream.Percent(50) ? file : other);
            Text("fsync", file);
            Text("fsync", other);
        }
    }

    // Threads that take turns, and some that wait for what may never come.
    private void Locksmiths()
    {
        (string name, _) = Map("lock", 1, shared: stream.Percent(30));
        Plain("touch", name);
        Begin("thread");
        json.WriteNumber("count", 1 + stream.Below(3));
        json.WriteStartArray("steps");
        TakeTurns(name);
        json.WriteEndArray();
        End();
        TakeTurns(name);
        for (ulong i = 1 + stream.Below(4); i > 0; i--)
        {
            Begin("futexWake");
            json.WriteString("region", name);
            json.WriteNumber("offset", 64);
            json.WriteNumber("count", 1 + stream.Below(3));
            End();
            TouchPart("data", 4, write: true);
        }
    }

    private void TakeTurns(string name)
    {
        BeginLoop(1 + stream.Below(5));
        Begin("futexLock");
        json.WriteString("region", name);
        End();
        TouchPart("data", 4, write: true);
        Begin("futexUnlock");
        json.WriteString("region", name);
        End();
        if (stream.Percent(70))
        {
            Begin("futexWait");
            json.WriteString("region", name);
            json.WriteNumber("offset", 64);
            json.WriteString("timeout", $"{1 + stream.Below(400)}us");
            End();
        }

        EndLoop();
    }

    // Shared memory that is cut in the middle of a page, wherever that is, and grows again.
    private void Stump()
    {
        ulong size = 1 + stream.Below(6);
        string file = NewMemoryFile(size);
        (string name, _) = Map("stump", size, shared: true, file);
        Plain("touch", name);
        Begin("madvise");
        json.WriteString("region", name);
        json.WriteString("advice", "pageout");
        End();
        Call("ftruncate", "file:" + file, $"{(stream.Below(size) * PageBytes) + (8 * stream.Below(512))}");
        Call("ftruncate", "file:" + file, Bytes(size));
        ReadOf("touch", name);
    }

    // Memory that moves when it is in swap, or half of it.
    private void Removal()
    {
        ulong size = 2 + stream.Below(12);
        (string name, _) = Map("moving", size, shared: stream.Percent(20));
        Plain("touch", name);
        Begin("madvise");
        json.WriteString("region", name);
        Range(size, "length", percent: 50);
        json.WriteString("advice", "pageout");
        End();
        string moved = $"m{depth}{(isThread ? "t" : "")}{named++}-moved";
        BeginCall("mremap", name, Bytes(size), Bytes(size + 1 + stream.Below(40)), "1");
        json.WriteString("as", moved);
        Size("length", size);
        End();
        regions.Add((moved, size));
        TouchPart(moved, size, write: stream.Percent(50));
        ReadOf("touch", moved);
    }

    // A page that its own process says to have an error: who says so dies, others find out.
    private void Rot()
    {
        ulong size = 1 + stream.Below(4);
        bool isFile = stream.Percent(60);
        (string name, _) = Map("rot", size, isFile, isFile ? AnyFile(size) : null);
        TouchPart(name, size, write: true);
        Plain("touch", name);
        BeginFork();
        Call("madvise", At(name, stream.Below(size)), Bytes(1), "100");
        ReadOf("touch", name);
        EndFork();
        Bare("wait", "all");
        ReadOf("touch", name);
    }

    // A heap that grows and shrinks; somebody looks at what was its end.
    private void Ebb()
    {
        ulong size = 3 + stream.Below(8);
        Begin("brk");
        Size("grow", 1);
        End();
        string edge = $"m{depth}{named++}-edge";
        BeginCall("brk", $"heap+{(size - 1) * PageBytes / 1024}KiB");
        json.WriteString("as", edge);
        Size("length", 1);
        End();
        Call("brk", $"heap+{size * PageBytes / 1024}KiB");
        Plain("touch", "heap");
        Begin("touch");
        json.WriteString("region", edge);
        End();
        Call("brk", $"heap+{(1 + stream.Below(size - 2)) * PageBytes / 1024}KiB");
        BeginFork();
        Begin("touch");
        json.WriteString("region", edge);
        json.WriteString("kind", "read");
        End();
        EndFork();
    }

    // What a child must not see, or has no copy of.
    private void Secrets()
    {
        ulong size = 1 + stream.Below(6);
        (string name, _) = Map("secret", size, shared: false);
        Plain("touch", name);
        Begin("madvise");
        json.WriteString("region", name);
        Range(size, "length", percent: 40);
        json.WriteString("advice", stream.Percent(80) ? "wipeonfork" : "dontfork");
        End();
        BeginFork();
        ReadOf("touch", name);
        TouchPart(name, size, write: true);
        EndFork();
        ReadOf("touch", name);
    }

    // More than all of memory at once, which takes one call: somebody has to go.
    private void Flood()
    {
        ulong size = 6 * pages;
        string name = $"m{depth}{named++}-flood";
        Begin("mmap");
        Size("length", size);
        json.WriteString("as", name);
        json.WriteBoolean("noReserve", true);
        json.WriteBoolean("populate", true);
        End();
        Begin("munmap");
        json.WriteString("region", name);
        End();
    }

    // Many children of children, some of which nobody waits for.
    private void Brood()
    {
        for (ulong i = 1 + stream.Below(3); i > 0; i--)
        {
            BeginFork();
            bool hasOwn = stream.Percent(50);
            if (hasOwn)
            {
                BeginFork();
                TouchPart("data", 4, write: true);
                EndFork();
                if (stream.Percent(50))
                    Bare("wait", "one");
            }

            TouchPart("data", 4, write: true);
            EndFork();
            if (stream.Percent(60))
                Bare("wait", "one");
        }
    }

    private void BeginLoop(ulong times)
    {
        Begin("loop");
        json.WriteNumber("times", times);
        json.WriteStartArray("steps");
    }

    private void EndLoop()
    {
        json.WriteEndArray();
        End();
    }
}
