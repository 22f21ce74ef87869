namespace LinuxMem.Workloads.Scenarios.Generated;

/// <content>Several steps that belong together: what single random steps seldom come to.</content>
internal sealed partial class RandomSteps
{
    private void WriteStory()
    {
        switch (stream.Below(13))
        {
            case 0:
                Hog();
                break;
            case 1:
                Patchwork();
                break;
            case 2:
                Crowd();
                break;
            case 3:
                Ledger();
                break;
            case 4:
                Cliff();
                break;
            case 5:
                Kin();
                break;
            case 6:
                Vault();
                break;
            case 7:
                Shrinkage();
                break;
            case 8:
                Twins();
                break;
            case 9:
                Seal();
                break;
            case 11 when machine.HugePages > 0:
                Giants();
                break;
            case 10 or 11:
                Hog();
                break;
            default:
                Family();
                break;
        }
    }

    // More memory than there may be, used again and again: pages leave for swap and come back.
    private void Hog()
    {
        (string name, ulong size) = Map("hog", (pages / 2) + stream.Below(pages + 1), shared: stream.Percent(25));
        Plain("touch", name);
        if (stream.Percent(50) && depth < DepthMax)
            Split(threads: stream.Percent(20));
        ReadOf("touch", name);
        TouchPart(name, size, write: stream.Percent(60));
        Plain("touch", name);
    }

    // Neighbours that differ, become equal, and differ again.
    private void Patchwork()
    {
        ulong size = 4 + stream.Below(12);
        bool shared = stream.Percent(50);
        string? file = stream.Percent(60) ? AnyFile(2 * size) : null;
        (string name, _) = Map("patch", size, shared, file);
        if (stream.Percent(60))
        {
            // A neighbour below that is of another kind until the first becomes like it.
            if (stream.Percent(50))
                TouchPart(name, size, write: true);
            Protect(name, "r");
            (string below, ulong belowSize) = Map("patch", size, shared, file, stream.Percent(50) ? size : 0);
            TouchPart(below, belowSize, write: true);
            Protect(name, "rw");
        }

        TouchPart(name, size, write: true);
        for (ulong i = 2 + stream.Below(5); i > 0; i--)
        {
            Begin("mprotect");
            json.WriteString("region", name);
            Range(size, "length", percent: 100);
            json.WriteString("prot", stream.Percent(60) ? "rw" : "r");
            End();
            if (stream.Percent(40))
                TouchPart(name, size, write: false);
        }

        TouchPart(name, size, write: true);
    }

    // Threads on a region whose pages are taken from under them.
    private void Crowd()
    {
        ulong size = 4 + stream.Below(20);
        (string name, _) = Map("crowd", size, shared: stream.Percent(30));
        Plain("touch", name);
        Begin("thread");
        json.WriteNumber("count", 1 + stream.Below(3));
        json.WriteStartArray("steps");
        Begin("loop");
        json.WriteNumber("times", 2 + stream.Below(12));
        json.WriteStartArray("steps");
        TouchPart(name, size, write: stream.Percent(60));
        json.WriteEndArray();
        End();
        json.WriteEndArray();
        End();
        for (ulong i = 1 + stream.Below(4); i > 0; i--)
        {
            bool unmaps = stream.Percent(40);
            Begin(unmaps ? "munmap" : "mprotect");
            json.WriteString("region", name);
            Range(size, "length", percent: 100);
            if (!unmaps)
                json.WriteString("prot", Prots[stream.Below((ulong)Prots.Length)]);
            End();
            TouchPart("data", 4, write: true);
        }
    }

    // A file that is stored to through memory, written out, thrown out of memory and read again.
    private void Ledger()
    {
        string path = $"/d/{stream.Below(3)}";
        string file = $"f{depth}{named++}";
        ulong size = 2 + stream.Below(16);
        OpenAs(path, file, size);
        string? other = stream.Percent(50) ? $"f{depth}{named++}" : null;
        if (other is not null)
            OpenAs(path, other, size);
        string name = $"m{depth}{(isThread ? "t" : "")}{named++}";
        Begin("mmap");
        Size("length", size + stream.Below(3));
        json.WriteString("as", name);
        json.WriteString("file", file);
        Flag("shared", 70);
        if (stream.Percent(30))
            Size("offset", stream.Below(size));
        End();
        regions.Add((name, size));
        for (ulong i = 1 + stream.Below(4); i > 0; i--)
        {
            TouchPart(name, size, write: true);
            if (stream.Percent(50))
                Text("fsync", file);
            TouchPart(name, size, write: stream.Percent(50));
            if (other is not null && stream.Percent(50))
                Text("fsync", other);
            if (stream.Percent(40))
                Text("forget", file);
            ReadOf("touch", name);
        }

        if (other is not null)
            Text("fsync", other);
    }

    private void OpenAs(string path, string file, ulong size)
    {
        Begin("open");
        json.WriteString("path", path);
        json.WriteString("as", file);
        Size("size", size);
        End();
        files.Add(file);
    }

    // A mapping that grows down, near the lowest address that may be mapped, or above a neighbour.
    private void Cliff()
    {
        bool isLow = stream.Percent(40);
        ulong at = (isLow ? 0x11000UL : 0x200000UL) + (stream.Below(24) << 12);
        BeginFork();
        if (!isLow || stream.Percent(40))
            MapAt(at - ((1 + stream.Below(40)) << 12), growsDown: false);
        MapAt(at, growsDown: stream.Percent(85));
        Begin("segfault");
        json.WriteString("at", $"0x{at - (stream.Below(20) << 12) - 8:x}");
        json.WriteString("kind", "write");
        End();
        EndFork();
    }

    private void MapAt(ulong at, bool growsDown)
    {
        Begin("mmap");
        Size("length", 1 + stream.Below(3));
        json.WriteString("as", $"m{depth}{(isThread ? "t" : "")}{named++}");
        json.WriteString("at", $"0x{at:x}");
        json.WriteBoolean("fixed", true);
        if (growsDown)
            json.WriteBoolean("growsDown", true);
        End();
    }

    // Parent and child write to what they share, each in its turn.
    private void Family()
    {
        ulong size = 2 + stream.Below(14);
        (string name, _) = Map("family", size, shared: stream.Percent(20));
        TouchPart(name, size, write: true);
        BeginFork();
        TouchPart(name, size, write: true);
        for (ulong i = stream.Below(4); i > 0; i--)
        {
            Begin("mprotect");
            json.WriteString("region", name);
            Range(size, "length", percent: 100);
            json.WriteString("prot", stream.Percent(50) ? "rw" : "r");
            End();
            TouchPart(name, size, write: stream.Percent(50));
        }

        EndFork();
        TouchPart(name, size, write: true);
        ReadOf("touch", name);
    }

    private (string Name, ulong Pages) Map(
        string what, ulong size, bool shared, string? file = null, ulong firstPage = 0)
    {
        string name = $"m{depth}{(isThread ? "t" : "")}{named++}-{what}";
        size = Math.Max(1, size);
        Begin("mmap");
        Size("length", size);
        json.WriteString("as", name);
        if (file is not null)
            json.WriteString("file", file);
        if (file is not null && firstPage > 0)
            Size("offset", firstPage);
        if (shared)
            json.WriteBoolean("shared", true);
        End();
        regions.Add((name, size));
        return (name, size);
    }

    private string AnyFile(ulong size)
    {
        if (files.Count > 0 && stream.Percent(70))
            return files[(int)stream.Below((ulong)files.Count)];
        string file = $"f{depth}{named++}";
        OpenAs($"/d/{stream.Below(3)}", file, size);
        return file;
    }

    private void TouchPart(string name, ulong size, bool write)
    {
        Begin("touch");
        json.WriteString("region", name);
        if (!write)
            json.WriteString("kind", "read");
        Reach(size);
        End();
    }

    private void Plain(string step, string name)
    {
        Begin(step);
        json.WriteString("region", name);
        WriteAll(name);
        End();
    }

    private void ReadOf(string step, string name)
    {
        Begin(step);
        json.WriteString("region", name);
        json.WriteString("kind", "read");
        WriteAll(name);
        End();
    }

    // All of a region, as far as there is anything left to spend.
    private void WriteAll(string name)
    {
        ulong size = regions.FindLast(region => region.Name == name).Pages;
        if (!budget.TrySpend(size))
            Size("bytes", TouchBudget.Scarce);
    }
}
