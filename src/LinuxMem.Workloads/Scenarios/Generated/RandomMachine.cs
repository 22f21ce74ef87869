using System.Text.Json;
using LinuxMem.Simulation.Random;

namespace LinuxMem.Workloads.Scenarios.Generated;

/// <summary>The machine of a random scenario, and what is around its processes.</summary>
/// <param name="Pages">Frames of RAM that programs are to use.</param>
/// <param name="Cpus">CPUs.</param>
/// <param name="Groups">The paths of its memory cgroups.</param>
/// <param name="HugePages">Huge pages.</param>
internal sealed record RandomMachine(ulong Pages, ulong Cpus, string[] Groups, ulong HugePages)
{
    private const ulong SmallOfHuge = 512;
    private const ulong LowZonePages = 4096;
    private const ulong BlockPages = 512;

    /// <summary>The paths of the first swap area and of the second.</summary>
    public static readonly string[] AreaPaths = ["/swapfile", "/swap2"];

    private static readonly string[] Policies = ["two-list", "two-list", "two-list", "mglru", "aging", "clock", "fifo"];

    /// <summary>Whether there is swap.</summary>
    public bool HasSwap { get; private init; }

    /// <summary>Frames of RAM.</summary>
    public ulong AllPages { get; private init; }

    /// <summary>Those of them that are there to leave.</summary>
    public ulong SparePages { get; private init; }

    /// <summary>Draws a machine and writes "machine".</summary>
    public static RandomMachine Write(Utf8JsonWriter json, ref RandomStream stream)
    {
        ulong pages = stream.Percent(50) ? 256 : 256 + 64 * stream.Below(13);
        ulong cpus = 1 + stream.Below(4);
        bool hasDisk = stream.Percent(60);
        json.WriteStartObject("machine");
        json.WriteNumber("cpus", cpus);
        ulong spare = DrawSpareBlocks(stream) * BlockPages;
        ulong low = DrawLowZone(stream);
        json.WriteString("memory", $"{(pages + low + spare) * 4}KiB");
        json.WriteString("contents", stream.Percent(80) ? "tags" : "bytes");
        if (stream.Percent(60))
            json.WriteString("slice", $"{2 + stream.Below(100)}us");
        json.WriteString("replacement", Policies[stream.Below((ulong)Policies.Length)]);
        if (stream.Percent(50))
            json.WriteNumber("pcpHighPages", stream.Below(32));
        if (stream.Percent(35))
            json.WriteNumber("overcommitMemory", stream.Percent(50) ? 1 : stream.Below(3));
        WriteTunables(json, ref stream);
        if (DrawFailure(stream))
            json.WriteBoolean("memoryFailure", true);
        ulong hugePages = DrawHugePages(stream, pages);
        if (hugePages > 0)
            json.WriteNumber("nrHugePages", hugePages);
        if (stream.Percent(30))
        {
            // Few tags make address spaces share them, and small TLBs forget.
            json.WriteStartObject("tlb");
            json.WriteNumber("asids", 1 + stream.Below(4));
            json.WriteEndObject();
        }

        bool hasSwap = hasDisk && WriteDisk(json, ref stream, pages);
        json.WriteEndObject();
        return new RandomMachine(pages, cpus, DrawGroups(ref stream), hugePages)
        {
            HasSwap = hasSwap,
            AllPages = pages + low + spare,
            SparePages = spare,
        };
    }

    // Seldom there is a zone of 16 MiB below, which keeps a reserve from those who could do with more than it. Nobody
    // fills it. From a copy of the stream, further on: what else is drawn is the same without.
    private static ulong DrawLowZone(RandomStream apart)
    {
        for (int i = 0; i < 8; i++)
            apart.Next();
        return apart.Percent(4) ? LowZonePages : 0;
    }

    // Some are in the one before; whether they are comes from a copy.
    private static string[] DrawGroups(ref RandomStream stream)
    {
        var paths = new string[stream.Percent(15) ? 1 + (int)stream.Below(3) : 0];
        RandomStream apart = stream;
        for (int i = 0; i < 48; i++)
            apart.Next();
        for (int i = 0; i < paths.Length; i++)
            paths[i] = i > 0 && apart.Percent(50) ? $"{paths[i - 1]}/g{i}" : $"g{i}";
        return paths;
    }

    // Also from a copy: blocks of memory that leave while the machine runs, and may come back.
    private static ulong DrawSpareBlocks(RandomStream apart)
    {
        for (int i = 0; i < 40; i++)
            apart.Next();
        return apart.Percent(8) ? 1 + apart.Below(2) : 0;
    }

    // From a copy: whether programs can have memory errors in what is theirs.
    private static bool DrawFailure(RandomStream apart)
    {
        for (int i = 0; i < 32; i++)
            apart.Next();
        return apart.Percent(40);
    }

    // Also from a copy.
    private static ulong DrawHugePages(RandomStream apart, ulong pages)
    {
        for (int i = 0; i < 16; i++)
            apart.Next();
        return pages >= SmallOfHuge && apart.Percent(60) ? 1 + apart.Below(pages / SmallOfHuge) : 0;
    }

    /// <summary>Writes memory cgroups, CPUs and memory that go and come, memory errors.</summary>
    public void WriteSurroundings(Utf8JsonWriter json, ref RandomStream stream)
    {
        if (Groups.Length > 0)
        {
            json.WriteStartArray("groups");
            foreach (string group in Groups)
                WriteGroup(json, ref stream, group);
            json.WriteEndArray();
        }

        bool hasCpus = Cpus > 1 && stream.Percent(12);
        if (hasCpus || SparePages > 0)
        {
            json.WriteStartArray("hotplug");
            ulong us = hasCpus ? WriteCpus(json, ref stream) : 0;
            if (SparePages > 0)
                WriteBlocks(json, stream, us);
            json.WriteEndArray();
        }

        RandomStream apart = stream;
        apart.Next();
        if (!stream.Percent(15))
            return;
        json.WriteStartObject("faults");
        json.WriteStartArray("memoryErrors");
        for (ulong i = 1 + stream.Below(8); i > 0; i--)
        {
            json.WriteStartObject();
            json.WriteString("at", $"{10 + stream.Below(400)}us");
            json.WriteNumber("pfn", stream.Below(Pages));
            if (apart.Percent(35))
                json.WriteString("kind", apart.Percent(70) ? "soft" : "unpoison");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes of a process where it belongs.</summary>
    public void WriteMembership(Utf8JsonWriter json, ref RandomStream stream)
    {
        if (Groups.Length > 0 && stream.Percent(80))
            json.WriteString("group", Groups[stream.Below((ulong)Groups.Length)]);
        if (Cpus > 1 && stream.Percent(15))
        {
            json.WriteStartArray("affinity");
            json.WriteNumberValue(stream.Below(Cpus));
            json.WriteEndArray();
        }

        if (!stream.Percent(12))
            return;
        json.WriteStartObject("limits");
        if (stream.Percent(50))
            json.WriteString("memlock", $"{4 * stream.Below(64)}KiB");
        if (stream.Percent(30))
            json.WriteString("stack", $"{16 + (4 * stream.Below(64))}KiB");
        if (stream.Percent(30))
            json.WriteString("data", $"{64 + (4 * stream.Below(256))}KiB");
        json.WriteEndObject();
    }

    private static void WriteTunables(Utf8JsonWriter json, ref RandomStream stream)
    {
        if (stream.Percent(30))
            json.WriteNumber("swappiness", stream.Below(201));
        if (stream.Percent(30))
            json.WriteNumber("pageCluster", stream.Below(6));
        if (stream.Percent(30))
            json.WriteNumber("readAheadKb", stream.Percent(40) ? 0 : 4UL << (int)stream.Below(6));
        if (stream.Percent(15))
            json.WriteNumber("dirtyBackgroundRatio", stream.Below(20));
        if (stream.Percent(20))
            json.WriteNumber("randomizeVaSpace", stream.Below(3));
        if (stream.Percent(15))
            json.WriteNumber("stackGuardGapPages", stream.Below(20));
        if (stream.Percent(10))
            json.WriteNumber("maxMapCount", 8 + stream.Below(40));
        if (stream.Percent(15))
            json.WriteNumber("watermarkScaleFactor", 1 + stream.Below(1000));
        if (stream.Percent(25))
        {
            json.WriteStartObject("ksm");
            json.WriteBoolean("run", true);
            json.WriteNumber("pagesToScan", 20 + stream.Below(200));
            json.WriteNumber("sleepMillisecs", 1 + stream.Below(3));
            json.WriteEndObject();
        }

        if (stream.Percent(25))
        {
            // Slow interrupts leave more time between what changes and who hears of it.
            json.WriteStartObject("costs");
            json.WriteNumber("ipiNs", 250UL << (int)stream.Below(9));
            json.WriteEndObject();
        }
    }

    // Whether there is swap on it.
    private static bool WriteDisk(Utf8JsonWriter json, ref RandomStream stream, ulong pages)
    {
        json.WriteStartArray("disks");
        json.WriteStartObject();
        json.WriteString("preset", stream.Percent(50) ? "nvme" : "ssd");
        json.WriteEndObject();
        json.WriteEndArray();
        if (!stream.Percent(70))
            return false;
        // From hardly any to more than all of memory.
        ulong slots = stream.Percent(30) ? 4 + 2 * stream.Below(16) : 32 + 2 * stream.Below(pages / 2);
        json.WriteStartArray("swap");
        json.WriteStartObject();
        json.WriteString("size", $"{slots * 4}KiB");
        json.WriteEndObject();
        WriteSecondArea(json, stream);
        json.WriteEndArray();
        return true;
    }

    // From a copy of the stream, like all that came later.
    private static void WriteSecondArea(Utf8JsonWriter json, RandomStream apart)
    {
        for (int i = 0; i < 24; i++)
            apart.Next();
        if (!apart.Percent(30))
            return;
        json.WriteStartObject();
        json.WriteString("path", AreaPaths[1]);
        json.WriteString("size", $"{4 * (4 + (2 * apart.Below(32)))}KiB");
        if (apart.Percent(70))
            json.WriteNumber("priority", apart.Below(3));
        json.WriteEndObject();
    }

    private void WriteGroup(Utf8JsonWriter json, ref RandomStream stream, string path)
    {
        json.WriteStartObject();
        json.WriteString("name", path);
        if (stream.Percent(60))
            json.WriteString("max", $"{4 * (16 + stream.Below(Pages / 2))}KiB");
        if (stream.Percent(40))
            json.WriteString("high", $"{4 * ((Pages / 2) + stream.Below(Pages / 2))}KiB");
        if (stream.Percent(20))
            json.WriteString("low", $"{4 * stream.Below(Pages / 4)}KiB");
        if (stream.Percent(20))
            json.WriteString("swapMax", $"{4 * stream.Below(Pages / 4)}KiB");
        if (stream.Percent(20))
            json.WriteBoolean("oomGroup", true);
        json.WriteEndObject();
    }

    // When the last of it comes, in microseconds.
    private ulong WriteCpus(Utf8JsonWriter json, ref RandomStream stream)
    {
        ulong at = 0;
        ulong cpu = 1 + stream.Below(Cpus - 1);
        bool online = false;
        for (ulong i = 1 + stream.Below(4); i > 0; i--)
        {
            at += 20 + stream.Below(200);
            json.WriteStartObject();
            json.WriteString("at", $"{at}us");
            json.WriteNumber("cpu", cpu);
            json.WriteBoolean("online", online);
            json.WriteEndObject();
            online = !online;
        }

        return at;
    }

    // Whole blocks leave, wherever they are but for the first; most come back.
    private void WriteBlocks(Utf8JsonWriter json, RandomStream apart, ulong at)
    {
        for (ulong i = 1 + apart.Below(2); i > 0; i--)
        {
            ulong block = 1 + apart.Below((AllPages / BlockPages) - 1);
            int events = apart.Percent(80) ? 2 : 1;
            for (int online = 0; online < events; online++)
            {
                at += 10 + apart.Below(300);
                json.WriteStartObject();
                json.WriteString("at", $"{at}us");
                json.WriteString("memory", $"{block * BlockPages * 4}KiB");
                json.WriteString("length", $"{BlockPages * 4}KiB");
                json.WriteBoolean("online", online > 0);
                json.WriteEndObject();
            }
        }
    }
}
