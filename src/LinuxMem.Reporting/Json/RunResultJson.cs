using System.Globalization;
using System.Text;
using System.Text.Json;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting.Json;

/// <summary>
/// The result of a run as JSON for programs: one object, the keys in a fixed order, described by <see
/// cref="SchemaText"/>.
/// </summary>
public static class RunResultJson
{
    private static readonly JsonWriterOptions Format = new() { Indented = true, NewLine = "\n" };

    /// <summary>The JSON Schema (draft 2020-12) of what <see cref="Write"/> writes.</summary>
    public static string SchemaText
    {
        get
        {
            using Stream stream = typeof(RunResultJson).Assembly.GetManifestResourceStream("result.schema.json")!;
            using var reader = new StreamReader(stream, Encoding.UTF8);
            return reader.ReadToEnd();
        }
    }

    /// <summary>Writes the result as UTF-8 and a line break.</summary>
    /// <param name="utf8">Where to; stays open.</param>
    /// <param name="result">The result.</param>
    /// <param name="wallSeconds">Seconds of real time; null leaves the key out, so that equal runs give equal
    /// bytes.</param>
    /// <param name="replay">The line accounting, if the run replayed logs.</param>
    public static void Write(Stream utf8, RunResult result, double? wallSeconds, ReplayTotals? replay)
    {
        using (var json = new Utf8JsonWriter(utf8, Format))
        {
            json.WriteStartObject();
            if (result.Faults is { } faults)
                FaultReportJson.Write(json, faults);
            if (result.PowerCut is { } cut)
                PowerCutJson.Write(json, cut);
            WriteRun(json, result, wallSeconds);
            if (replay is not null)
                WriteReplay(json, replay);
            WriteCounters(json, "vmstat", result.VmStat);
            WriteCounters(json, "faults", result.FaultKinds);
            WriteArray(json, "processes", result.Processes, WriteProcess);
            WriteArray(json, "cpus", result.Cpus, WriteCpu);
            WriteMemory(json, result.Memory);
            DiskJson.Write(json, result);
            WritePressure(json, result.Pressure);
            if (result.Locks is { AnyContended: true } locks)
                LockJson.Write(json, locks);
            if (result.Groups.Count > 0)
                WriteArray(json, "groups", result.Groups, WriteGroup);
            WriteArray(json, "buddyinfo", result.BuddyInfo, WriteText);
            WriteArray(json, "fragmentation", result.Fragmentation, WriteFragmentation);
            WriteArray(json, "pageAges", result.PageAges, (writer, pages) => writer.WriteNumberValue(pages));
            WriteCounters(json, "unknownCalls", result.UnknownCalls);
            WriteArray(json, "kernelLog", result.KernelLog, WriteLogLine);
            json.WriteStartObject("sharing");
            SharingJson.WriteMembers(json, result.Sharing);
            json.WriteEndObject();
            WriteAudit(json, result.Audit);
            json.WriteEndObject();
        }

        utf8.WriteByte((byte)'\n');
    }

    private static void WriteGroup(Utf8JsonWriter json, GroupResult group)
    {
        json.WriteStartObject();
        json.WriteString("path", WellFormed(group.Path));
        json.WriteNumber("processes", group.Processes);
        json.WriteNumber("currentKiB", group.CurrentKiB);
        json.WriteNumber("peakKiB", group.PeakKiB);
        json.WriteNumber("swapPeakKiB", group.SwapPeakKiB);
        json.WriteNumber("majflt", group.MajFlt);
        json.WriteNumber("memorySomeNs", group.MemorySomeNs);
        json.WriteNumber("memoryFullNs", group.MemoryFullNs);
        WriteCounters(json, "events", group.Events);
        json.WriteEndObject();
    }

    private static void WritePressure(Utf8JsonWriter json, PressureResult pressure)
    {
        json.WriteStartObject("pressure");
        json.WriteNumber("memorySomeNs", pressure.MemorySomeNs);
        json.WriteNumber("memoryFullNs", pressure.MemoryFullNs);
        json.WriteNumber("ioSomeNs", pressure.IoSomeNs);
        json.WriteNumber("ioFullNs", pressure.IoFullNs);
        json.WriteNumber("cpuSomeNs", pressure.CpuSomeNs);
        json.WriteEndObject();
    }

    private static void WriteRun(Utf8JsonWriter json, RunResult result, double? wallSeconds)
    {
        json.WriteString("scenario", WellFormed(result.Scenario));
        json.WriteNumber("seed", result.Seed);
        json.WriteString("build", WellFormed(result.Build));
        json.WriteNumber("threads", result.Threads);
        json.WriteString("outcome", result.Outcome);
        if (result.Panic is { } panic)
        {
            json.WriteStartObject("panic");
            json.WriteNumber("atNs", panic.AtNs);
            json.WriteString("message", WellFormed(panic.Message));
            json.WriteEndObject();
        }

        if (result.Stall is { } stall)
        {
            json.WriteStartObject("stall");
            json.WriteNumber("atNs", stall.AtNs);
            json.WriteString("reason", WellFormed(stall.Reason));
            json.WriteEndObject();
        }

        json.WriteString("digest", result.Digest);
        json.WriteNumber("virtualNs", result.VirtualNs);
        if (wallSeconds is { } wall)
            json.WriteNumber("wallSeconds", Math.Round(wall, 6));
        json.WriteNumber("rounds", result.Rounds);
        json.WriteNumber("accesses", result.Accesses);
    }

    private static void WriteReplay(Utf8JsonWriter json, ReplayTotals replay)
    {
        json.WriteNumber("lines", replay.Lines);
        json.WriteNumber("accepted", replay.Accepted);
        json.WriteNumber("accessLines", replay.Accesses);
        json.WriteNumber("calls", replay.Calls);
        json.WriteNumber("notes", replay.Notes);
        json.WriteNumber("rejected", replay.Rejected);
        WriteArray(json, "rejectedMessages", replay.RejectedMessages, WriteText);
        if (replay.Check is not { } check)
            return;
        json.WriteNumber("continued", replay.Continued);
        json.WriteNumber("signals", replay.Signals);
        json.WriteNumber("exits", replay.Exits);
        WriteArray(json, "warnings", replay.Warnings, WriteText);
        WriteCheck(json, check);
    }

    private static void WriteCheck(Utf8JsonWriter json, CheckTotals check)
    {
        json.WriteString("check", check.Level);
        json.WriteNumber("checked", check.Checked);
        json.WriteNumber("matched", check.Matched);
        json.WriteNumber("mismatched", check.Mismatched);
        json.WriteNumber("ambiguous", check.Ambiguous);
        WriteCounters(json, "skipped", check.Skipped);
        WriteCounters(json, "notJudged", check.NotJudged);
        WriteCounters(json, "unsupported", check.Unsupported);
        WriteArray(json, "mismatches", check.Mismatches, WriteMismatch);
    }

    private static void WriteMismatch(Utf8JsonWriter json, CheckMismatch mismatch)
    {
        json.WriteStartObject();
        json.WriteNumber("line", mismatch.Line);
        json.WriteString("call", WellFormed(mismatch.Call));
        json.WriteString("expected", WellFormed(mismatch.Expected));
        json.WriteString("actual", WellFormed(mismatch.Actual));
        WriteArray(json, "before", mismatch.Before, WriteText);
        WriteArray(json, "after", mismatch.After, WriteText);
        json.WriteEndObject();
    }

    private static void WriteProcess(Utf8JsonWriter json, ProcessResult process)
    {
        json.WriteStartObject();
        json.WriteNumber("pid", process.Pid);
        json.WriteNumber("ppid", process.Ppid);
        json.WriteString("comm", WellFormed(process.Comm));
        json.WriteNumber("threads", process.Threads);
        json.WriteNumber("accesses", process.Accesses);
        json.WriteNumber("minflt", process.MinFlt);
        json.WriteNumber("majflt", process.MajFlt);
        json.WriteNumber("vszKiB", process.VszKiB);
        json.WriteNumber("rssKiB", process.RssKiB);
        json.WriteNumber("maxRssKiB", process.MaxRssKiB);
        json.WriteNumber("startNs", process.StartNs);
        if (process.EndNs < 0)
            json.WriteNull("endNs");
        else
            json.WriteNumber("endNs", process.EndNs);
        json.WriteNumber("cpuNs", process.CpuNs);
        json.WriteNumber("userNs", process.UserNs);
        json.WriteNumber("voluntarySwitches", process.VoluntarySwitches);
        json.WriteNumber("involuntarySwitches", process.InvoluntarySwitches);
        json.WriteNumber("memoryStallNs", process.MemoryStallNs);
        json.WriteNumber("ioStallNs", process.IoStallNs);
        json.WriteString("fate", WellFormed(process.Fate));
        json.WriteNumber("inferredPages", process.InferredPages);
        if (process.Vmas is { } vmas)
            WriteArray(json, "vmas", vmas, WriteVma);
        json.WriteEndObject();
    }

    private static void WriteVma(Utf8JsonWriter json, VmaResult vma)
    {
        json.WriteStartObject();
        json.WriteString("start", Hex(vma.Start));
        json.WriteString("end", Hex(vma.End));
        json.WriteString("rights", vma.Rights);
        json.WriteString("offset", Hex(vma.Offset));
        json.WriteString("name", WellFormed(vma.Name));
        json.WriteNumber("rssKiB", vma.RssKiB);
        json.WriteNumber("anonymousKiB", vma.AnonymousKiB);
        json.WriteEndObject();
    }

    private static void WriteLogLine(Utf8JsonWriter json, KernelLogLine line)
    {
        json.WriteStartObject();
        json.WriteNumber("atNs", line.AtNs);
        json.WriteString("text", WellFormed(line.Text));
        json.WriteEndObject();
    }

    private static string Hex(ulong value) => value.ToString("x", CultureInfo.InvariantCulture);

    private static void WriteCpu(Utf8JsonWriter json, CpuResult cpu)
    {
        json.WriteStartObject();
        json.WriteNumber("cpu", cpu.Cpu);
        json.WriteNumber("accesses", cpu.Accesses);
        json.WriteNumber("tlbHits", cpu.TlbHits);
        json.WriteNumber("tlbL2Hits", cpu.TlbL2Hits);
        json.WriteNumber("tlbMisses", cpu.TlbMisses);
        json.WriteNumber("shootdowns", cpu.Shootdowns);
        json.WriteNumber("flushes", cpu.Flushes);
        json.WriteNumber("contextSwitches", cpu.ContextSwitches);
        json.WriteNumber("busyNs", cpu.BusyNs);
        json.WriteNumber("userNs", cpu.UserNs);
        json.WriteNumber("idleNs", cpu.IdleNs);
        json.WriteEndObject();
    }

    private static void WriteMemory(Utf8JsonWriter json, MemoryResult memory)
    {
        json.WriteStartObject("memory");
        json.WriteNumber("pageBytes", memory.PageBytes);
        json.WriteNumber("totalPages", memory.TotalPages);
        json.WriteNumber("freePages", memory.FreePages);
        json.WriteNumber("anonPages", memory.AnonPages);
        json.WriteNumber("shmemPages", memory.ShmemPages);
        json.WriteNumber("filePages", memory.FilePages);
        json.WriteNumber("bufferPages", memory.BufferPages);
        json.WriteNumber("pageTablePages", memory.PageTablePages);
        json.WriteEndObject();
    }

    private static void WriteFragmentation(Utf8JsonWriter json, FragmentationResult fragmentation)
    {
        json.WriteStartObject();
        json.WriteString("zone", WellFormed(fragmentation.Zone));
        json.WriteNumber("order", fragmentation.Order);
        json.WriteNumber("freeBlocks", fragmentation.FreeBlocks);
        json.WriteNumber("unusableThousandths", fragmentation.Unusable);
        json.WriteNumber("extfragThousandths", fragmentation.Extfrag);
        json.WriteEndObject();
    }

    private static void WriteAudit(Utf8JsonWriter json, AuditResult audit)
    {
        json.WriteStartObject("audit");
        json.WriteString("level", audit.Level);
        json.WriteNumber("checks", audit.Checks);
        WriteArray(json, "violations", audit.Violations, WriteText);
        json.WriteEndObject();
    }

    private static void WriteCounters(
        Utf8JsonWriter json, string key, IReadOnlyList<KeyValuePair<string, long>> counters)
    {
        json.WriteStartObject(key);
        foreach (KeyValuePair<string, long> counter in counters)
            json.WriteNumber(WellFormed(counter.Key), counter.Value);
        json.WriteEndObject();
    }

    private static void WriteArray<T>(
        Utf8JsonWriter json, string key, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(key);
        foreach (T item in items)
            write(json, item);
        json.WriteEndArray();
    }

    private static void WriteText(Utf8JsonWriter json, string text) => json.WriteStringValue(WellFormed(text));

    // Half a surrogate pair (a name cut in the middle) has no UTF-8; what the encoder makes of it is not ours to rely
    // on.
    internal static string WellFormed(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            i++;
        }

        return text;
    }
}
