using System.Text.Json;
using LinuxMem.Simulation.Random;

namespace LinuxMem.Workloads.Scenarios.Generated;

/// <summary>The steps of a random program, and of the children and threads that it starts.</summary>
internal sealed partial class RandomSteps
{
    private const int DepthMax = 2;
    private const ulong PageBytes = 4096;
    private static readonly string[] Prots = ["r", "rw", "rw", "none", "rx"];
    private static readonly string[] Patterns = ["sequential", "uniform", "chase"];
    private readonly Utf8JsonWriter json;
    private readonly ulong pages;
    private readonly RandomMachine machine;
    private readonly int depth;
    private readonly bool isThread;
    private readonly List<(string Name, ulong Pages)> regions;
    private readonly List<string> files;
    private readonly Stack<(int Regions, int Files)> forks = [];
    private readonly TouchBudget budget;
    private readonly ulong seed;
    private RandomStream stream;
    private bool hasChildren;
    private int named;

    /// <summary>A program's first steps.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="seed">Draws them.</param>
    /// <param name="pages">The program's share of memory; it may want more.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="budget">What the programs of the scenario may touch.</param>
    public RandomSteps(Utf8JsonWriter json, ulong seed, ulong pages, RandomMachine machine, TouchBudget budget)
        : this(json, seed, pages, machine, budget, 0, false, [("data", 4), ("bss", 2), ("stack", 1)], [])
    {
    }

    private RandomSteps(Utf8JsonWriter json, ulong seed, ulong pages, RandomMachine machine, TouchBudget budget,
        int depth, bool isThread, List<(string Name, ulong Pages)> regions, List<string> files)
    {
        this.seed = seed;
        this.budget = budget;
        this.json = json;
        this.pages = pages;
        this.machine = machine;
        this.depth = depth;
        this.isThread = isThread;
        this.regions = regions;
        this.files = files;
        stream = new RandomStream(seed);
    }

    /// <summary>Writes "steps".</summary>
    public void WriteProgram()
    {
        json.WriteStartArray("steps");
        int count = (depth == 0 ? 4 : 1) + (int)stream.Below(depth == 0 ? 20UL : 8UL);
        Touch();
        for (int i = 0; i < count; i++)
        {
            if (depth == 0 && stream.Percent(16))
                WriteStory();
            else
                WriteStep();
        }

        if (depth == 0)
        {
            WriteApart();
            WriteFurther();
            WriteSundry();
        }

        if (hasChildren && stream.Percent(90))
            Bare("wait", "all");
        else if (stream.Percent(20))
            Number("exit", stream.Below(256));
        json.WriteEndArray();
    }

    private void WriteStep()
    {
        ulong draw = stream.Below(140);
        switch (draw)
        {
            case < 16:
                Map();
                break;
            case < 38:
                Touch();
                break;
            case < 48:
                Access();
                break;
            case < 55:
                Part("munmap", prot: false);
                break;
            case < 62:
                Part("mprotect", prot: true);
                break;
            case < 68:
                Heap();
                break;
            case < 76 when depth < DepthMax:
                Split(threads: stream.Percent(40));
                break;
            case < 90:
                FileStep();
                break;
            case < 128:
                WriteCall();
                break;
            default:
                Rest();
                break;
        }
    }

    private void Map()
    {
        string name = $"m{depth}{(isThread ? "t" : "")}{named++}";
        ulong size = stream.Percent(80) ? 1 + stream.Below(24) : 1 + stream.Below(Math.Max(2, pages));
        Begin("mmap");
        Size("length", size);
        json.WriteString("as", name);
        if (stream.Percent(20))
            json.WriteString("prot", Prots[stream.Below((ulong)Prots.Length)]);
        if (files.Count > 0 && stream.Percent(35))
        {
            json.WriteString("file", files[(int)stream.Below((ulong)files.Count)]);
            if (stream.Percent(40))
                Size("offset", stream.Below(16));
        }

        Flag("shared", 30);
        Flag("populate", 10);
        Flag("noReserve", 10);
        Flag("locked", 5);
        End();
        regions.Add((name, size));
    }

    private void Touch()
    {
        (string name, ulong size) = Region();
        Begin("touch");
        json.WriteString("region", name);
        if (stream.Percent(35))
            json.WriteString("kind", "read");
        Reach(size);
        End();
    }

    private void Access()
    {
        (string name, _) = Region();
        Begin("access");
        json.WriteString("region", name);
        json.WriteString("pattern", Patterns[stream.Below((ulong)Patterns.Length)]);
        json.WriteNumber("count", 1 + stream.Below(200));
        json.WriteNumber("writePercent", stream.Below(101));
        End();
    }

    private void Part(string call, bool prot)
    {
        (string name, ulong size) = Region();
        // A program without its stack, or that walks into a hole, is soon over: seldom.
        if (!name.StartsWith('m') && !stream.Percent(5))
            return;
        Begin(call);
        json.WriteString("region", name);
        Range(size, "length");
        if (prot)
            json.WriteString("prot", Prots[stream.Below((ulong)Prots.Length)]);
        End();
    }

    private void Heap()
    {
        Begin("brk");
        Size(stream.Percent(70) ? "grow" : "shrink", 1 + stream.Below(12));
        End();
        if (!regions.Exists(region => region.Name == "heap"))
            regions.Add(("heap", 4));
    }

    private void Split(bool threads)
    {
        Begin(threads ? "thread" : "fork");
        if (stream.Percent(20))
            json.WriteNumber("count", 1 + stream.Below(3));
        var child = new RandomSteps(
            json, stream.Next(), pages, machine, budget, depth + 1, isThread || threads, [.. regions], [.. files]);
        child.WriteProgram();
        End();
        hasChildren |= !threads;
    }

    private void FileStep()
    {
        if (files.Count == 0 || stream.Percent(20))
        {
            string name = $"f{depth}{named++}";
            Begin("open");
            json.WriteString("path", $"/d/{stream.Below(3)}");
            json.WriteString("as", name);
            if (stream.Percent(70))
                Size("size", 1 + stream.Below(48));
            End();
            files.Add(name);
            return;
        }

        string file = files[(int)stream.Below((ulong)files.Count)];
        ulong draw = stream.Below(10);
        if (draw < 3)
            Text("fsync", file);
        else if (draw < 4)
            Text("forget", file);
        else
            Io(file, draw < 7 ? "read" : "write");
    }

    private void Io(string file, string call)
    {
        Begin(call);
        json.WriteString("file", file);
        Size("bytes", 1 + stream.Below(16));
        if (stream.Percent(50))
            Size("part", 1 + stream.Below(4));
        if (stream.Percent(40))
            Size("offset", stream.Below(32));
        if (stream.Percent(50))
            json.WriteString("region", Region().Name);
        End();
    }

    private void Rest()
    {
        switch (stream.Below(11))
        {
            case 0:
                json.WriteStartObject();
                json.WriteString("sleep", $"{1 + stream.Below(300)}us");
                json.WriteEndObject();
                break;
            case 1:
                json.WriteStartObject();
                json.WriteString("stack", $"{4 * (1 + stream.Below(16))}KiB");
                json.WriteEndObject();
                break;
            case 2 when stream.Percent(20):
                Begin("segfault");
                json.WriteString("at", $"0x{stream.Next() >> (int)stream.Below(60):x}");
                End();
                break;
            case 3:
                Bare("sync", null);
                break;
            case 4:
                Bare("dropCaches", null);
                break;
            case 5 when hasChildren:
                Bare("wait", "one");
                break;
            case 6:
                Bare("compactMemory", null);
                break;
            case 7:
                DriverBlocks();
                break;
            case 8 when depth > 0 && !isThread:
                Execute();
                break;
            default:
                Bare("yield", null);
                break;
        }
    }

    private (string Name, ulong Pages) Region()
    {
        // The newest are the most interesting.
        int newest = regions.Count - 1;
        int index = stream.Percent(50) ? newest : (int)stream.Below((ulong)regions.Count);
        return regions[index];
    }

    private void Range(ulong size, string length, int percent = 60) => WriteRange(DrawRange(size, percent), length);

    // What a touch touches, as far as there is anything left to spend.
    private void Reach(ulong size)
    {
        (ulong first, ulong count) = DrawRange(size, 60);
        ulong touched = count == 0 ? size - first : count;
        if (!budget.TrySpend(touched))
            count = Math.Min(touched, TouchBudget.Scarce);
        WriteRange((first, count), "bytes");
    }

    private void WriteRange((ulong First, ulong Count) range, string length)
    {
        if (range.First > 0)
            Size("offset", range.First);
        if (range.Count > 0)
            Size(length, range.Count);
    }

    // No count: up to the end.
    private (ulong First, ulong Count) DrawRange(ulong size, int percent)
    {
        if (size < 2 || !stream.Percent(percent))
            return (0, 0);
        ulong first = stream.Below(size);
        return (first, stream.Percent(60) ? 1 + stream.Below(size - first) : 0);
    }

    private void Begin(string name)
    {
        json.WriteStartObject();
        json.WriteStartObject(name);
    }

    private void End()
    {
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void Size(string key, ulong count) => json.WriteString(key, $"{count * PageBytes / 1024}KiB");

    private void Flag(string key, int percent)
    {
        if (stream.Percent(percent))
            json.WriteBoolean(key, true);
    }

    private void Number(string key, ulong value)
    {
        json.WriteStartObject();
        json.WriteNumber(key, value);
        json.WriteEndObject();
    }

    private void Text(string key, string value)
    {
        json.WriteStartObject();
        json.WriteString(key, value);
        json.WriteEndObject();
    }

    private void Bare(string key, string? value)
    {
        if (value is null)
            json.WriteStringValue(key);
        else
            Text(key, value);
    }
}
