namespace LinuxMem.Workloads.Scenarios.Generated;

/// <content>More stories: what relatives share, what must stay in memory, what is taken away, what is equal.</content>
internal sealed partial class RandomSteps
{
    // A child's memory beside what it has from its parent: neighbours with different reverse maps that become alike.
    private void Kin()
    {
        ulong size = 1 + stream.Below(6);
        (string name, _) = Map("kin", size, shared: false);
        Plain("touch", name);
        BeginFork();
        if (stream.Percent(30))
            BeginFork();
        Protect(name, "r");
        (string below, ulong belowSize) = Map("kin", 1 + stream.Below(6), shared: false);
        Plain("touch", below);
        Protect(stream.Percent(70) ? name : below, stream.Percent(70) ? "rw" : "r");
        TouchPart(name, size, write: true);
        if (stream.Percent(50))
            Call("mremap", below, Bytes(belowSize), Bytes(belowSize + stream.Below(4)), "1");
        TouchPart(below, belowSize, write: true);
        while (forks.Count > 0)
            EndFork();
        TouchPart(name, size, write: true);
    }

    // Memory that is locked, beside more than there is room for.
    private void Vault()
    {
        ulong size = 2 + stream.Below(14);
        bool isShared = stream.Percent(30);
        (string name, _) = Map("vault", size, isShared, stream.Percent(25) ? AnyFile(size) : null);
        if (stream.Percent(70))
            Plain("touch", name);
        Call("mlock", At(name, 0), Bytes(size));
        (string hog, ulong hogSize) = Map("hog", (pages / 2) + stream.Below(pages + 1), shared: false);
        Plain("touch", hog);
        ReadOf("touch", name);
        TouchPart(hog, hogSize, write: true);
        if (stream.Percent(60))
            Call("munlock", At(name, 0), Bytes(1 + stream.Below(size)));
        if (stream.Percent(30))
            Plain("touch", hog);
    }

    // A file that loses its end, or its middle, while it is mapped here and there, and gets it back.
    private void Shrinkage()
    {
        ulong size = 2 + stream.Below(10);
        string file = stream.Percent(40) ? AnyFile(size) : NewMemoryFile(size);
        (string mine, _) = Map("shrink", size, shared: true, file);
        (string copy, _) = Map("shrink", size, shared: false, file);
        Plain("touch", mine);
        TouchPart(copy, size, write: true);
        BeginFork();
        for (ulong i = 2 + stream.Below(4); i > 0; i--)
        {
            ulong bytes = (stream.Below(size) * PageBytes) + (stream.Percent(50) ? 8 * stream.Below(512) : 0);
            if (stream.Percent(70))
                Call("ftruncate", "file:" + file, $"{bytes}");
            else
                Call("fallocate", "file:" + file, "3", $"{bytes}", $"{8 * (1 + stream.Below(1024))}");
            Call("ftruncate", "file:" + file, Bytes(size));
            ReadOf("touch", mine);
            TouchPart(stream.Percent(50) ? mine : copy, size, write: stream.Percent(60));
        }

        EndFork();
        for (ulong i = stream.Below(5); i > 0; i--)
            TouchPart(stream.Percent(50) ? mine : copy, size, write: stream.Percent(50));
    }

    // Pages with equal contents, offered to be merged, then written to.
    private void Twins()
    {
        ulong size = 2 + stream.Below(8);
        string file = AnyFile(size);
        if (stream.Percent(70))
        {
            (string source, _) = Map("source", size, shared: true, file);
            Plain("touch", source);
        }

        (string one, _) = Map("twin", size, shared: false);
        (string other, _) = Map("twin", size, shared: false);
        foreach (string name in (string[])[one, other])
        {
            Begin("read");
            json.WriteString("file", file);
            Size("bytes", size);
            Size("offset", 0);
            json.WriteString("region", name);
            End();
        }

        foreach (string name in (string[])[one, other])
        {
            Begin("madvise");
            json.WriteString("region", name);
            json.WriteString("advice", "mergeable");
            End();
        }

        json.WriteStartObject();
        json.WriteString("sleep", $"{1 + stream.Below(8)}ms");
        json.WriteEndObject();
        ReadOf("touch", one);
        TouchPart(other, size, write: true);
        ReadOf("touch", one);
    }

    // Memory that may not change any more, and attempts to change it.
    private void Seal()
    {
        ulong size = 2 + stream.Below(6);
        (string name, _) = Map("sealed", size, shared: false);
        (string other, _) = Map("other", size, shared: false);
        Plain("touch", name);
        Plain("touch", other);
        Call("mseal", At(name, stream.Below(size)), Bytes(1), "0");
        for (ulong i = 1 + stream.Below(4); i > 0; i--)
        {
            switch (stream.Below(4))
            {
                case 0:
                    Call("munmap", At(name, 0), Bytes(1 + stream.Below(size)));
                    break;
                case 1:
                    Call("mmap", At(name, 0), Bytes(size), "3", "0x32", "-1");
                    break;
                case 2:
                    Call("mprotect", At(name, 0), Bytes(size), "1");
                    break;
                default:
                    Call("mremap", other, Bytes(size), Bytes(size), "3", At(name, 0));
                    break;
            }
        }

        TouchPart(name, size, write: true);
    }

    // Huge pages: promised, touched, shared with a child, given up in part.
    private void Giants()
    {
        const ulong small = 512;
        ulong count = 1 + stream.Below(2);
        string name = $"m{depth}{(isThread ? "t" : "")}{named++}-huge";
        BeginCall("mmap", "0", Bytes(count * small), "3", stream.Percent(60) ? "0x40022" : "0x40021", "-1", "0");
        json.WriteString("as", name);
        Size("length", count * small);
        End();
        // A few small pages of it are enough to take a huge one.
        const ulong part = 6;
        regions.Add((name, part));
        if (stream.Percent(70))
            TouchPart(name, part, write: stream.Percent(70));
        if (stream.Percent(50))
        {
            BeginFork();
            TouchPart(name, part, write: stream.Percent(70));
            EndFork();
        }

        if (stream.Percent(30))
            Call("madvise", name, Bytes(small), "4");
        if (stream.Percent(50))
            Call("munmap", At(name, (count - 1) * small), Bytes(small));
        else
            TouchPart(name, part, write: true);
    }

    private string NewMemoryFile(ulong size)
    {
        string file = $"f{depth}{named++}";
        BeginCall("memfd_create");
        json.WriteString("asFile", file);
        End();
        Call("ftruncate", "file:" + file, Bytes(size));
        files.Add(file);
        return file;
    }

    private void DriverBlocks()
    {
        string name = $"k{depth}{named++}";
        Begin("kernelAlloc");
        json.WriteNumber("order", stream.Below(5));
        json.WriteNumber("count", 1 + stream.Below(6));
        json.WriteString("as", name);
        if (stream.Percent(30))
            json.WriteString("gfp", "atomic");
        End();
        Touch();
        Begin("kernelFree");
        json.WriteString("blocks", name);
        End();
    }

    private void Execute()
    {
        Begin("exec");
        json.WriteString("name", $"x{named++}");
        json.WriteString("onError", "ignore");
        var program = new RandomSteps(
            json, stream.Next(), pages, machine, budget, DepthMax, false, [("data", 4), ("stack", 1)], []);
        program.WriteProgram();
        End();
    }

    private void Protect(string name, string prot)
    {
        Begin("mprotect");
        json.WriteString("region", name);
        json.WriteString("prot", prot);
        End();
    }

    // What is made in a child is not known to its parent.
    private void BeginFork()
    {
        forks.Push((regions.Count, files.Count));
        Begin("fork");
        json.WriteStartArray("steps");
    }

    private void EndFork()
    {
        (int mapped, int opened) = forks.Pop();
        regions.RemoveRange(mapped, regions.Count - mapped);
        files.RemoveRange(opened, files.Count - opened);
        json.WriteEndArray();
        End();
        hasChildren = true;
    }
}
