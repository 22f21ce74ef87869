using System.Globalization;
using System.Text;
using LinuxMem.Benchmarks.Loads;
using LinuxMem.Benchmarks.Measuring;
using LinuxMem.Simulation.Random;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Lackey;

namespace LinuxMem.Benchmarks.Runs;

/// <summary>A plain lackey log, made up but shaped like a program's, parsed and simulated.</summary>
internal sealed class LackeyBench : IBench
{
    private const int Lines = 20_000_000;

    public string Name => "lackey";

    public string About => "lines of a lackey log parsed and simulated";

    public void Run(Report report)
    {
        string path = Path.Combine(Path.GetTempPath(), $"linuxmem-bench-{Environment.ProcessId}.log");
        try
        {
            Write(path, Lines);
            Replay(path);
            double seconds = Measure.Best(3, () => Replay(path));
            report.AddAtLeast("lines parsed and simulated", Lines / seconds / 1e6, "M/s", 20);
            report.Add("text read", new FileInfo(path).Length / seconds / 1e6, "MB/s");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static double Replay(string path)
    {
        using LackeyReplay replay = LackeyReplay.Open([path]);
        Scenario scenario = replay.Scenario with { Engine = new EngineSettings { Audit = AuditLevel.Off } };
        double seconds = Measure.Seconds(() => Machines.Run(scenario));
        if (replay.Totals.Lines < Lines || replay.Totals.Rejected != 0)
            throw new InvalidOperationException($"{replay.Totals.Lines} lines, {replay.Totals.Rejected} rejected");
        return seconds;
    }

    // Straight code of some instructions, with a load or a store among each three.
    private static void Write(string path, int lines)
    {
        using var file = new StreamWriter(path, append: false, new UTF8Encoding(false), 1 << 20);
        file.Write("==7== Lackey, an example Valgrind tool\n==7== Command: ./made-up\n==7== Parent PID: 1\n==7== \n");
        var stream = new RandomStream(1);
        ulong pc = 0x401000;
        for (int i = 0; i < lines; i++)
        {
            if (i % 3 < 2)
            {
                pc = stream.Percent(10) ? 0x401000 + stream.Below(1 << 18) : pc + 4;
                file.Write(string.Create(CultureInfo.InvariantCulture, $"I  {pc:x8},4\n"));
                continue;
            }

            ulong va = stream.Percent(50) ? 0x1fff000000 + (stream.Below(1 << 11) << 3)
                : 0x4a00000 + (stream.Below(1 << 17) << 3);
            char kind = "LLSM"[(int)stream.Below(4)];
            file.Write(string.Create(CultureInfo.InvariantCulture, $" {kind} {va:x8},8\n"));
        }
    }
}
