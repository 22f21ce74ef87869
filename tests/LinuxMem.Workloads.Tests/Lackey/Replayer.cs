using System.Globalization;
using LinuxMem.Abi;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Workloads.Tests.Lackey;

/// <summary>
/// Runs programs without a machine: every access and call becomes a line of text, a call succeeds with what a kernel
/// would say, and a child runs to its end when it is created.
/// </summary>
internal sealed class Replayer
{
    private const int PageShift = 12;

    public List<string> Steps { get; } = [];

    public long Accesses { get; private set; }

    public int Calls { get; private set; }

    /// <summary>The answer to every call but those that create or wait.</summary>
    public SyscallResult Answer { get; set; }

    public static Replayer Run(Scenario scenario)
    {
        var replayer = new Replayer();
        foreach (var process in scenario.Processes)
            replayer.Run(process.CreateProgram(), process.Pid);
        return replayer;
    }

    public void Run(IProgram program, int pid)
    {
        var batch = new AccessBatch(PageShift);
        program.Start(new ProgramStart(pid, pid, 1, PageShift, default));
        var last = new SyscallResult(0);
        for (; ; )
        {
            batch.Reset();
            program.Next(batch, last);
            Assert.True(batch.RunCount > 0 || batch.HasCall, "an empty batch");
            AddAccesses(batch, pid);
            if (!batch.HasCall)
                continue;
            var call = batch.Call;
            Calls++;
            Steps.Add(Text(call, pid));
            if (call.Nr == SyscallNr.ExitGroup)
                return;
            if (call.Nr == SyscallNr.Execve)
            {
                Run(call.Child!, pid);
                return;
            }

            if (call.Child is not null)
                Run(call.Child, call.ChildPid);
            last = call.Child is null ? Answer : new SyscallResult(call.ChildPid);
        }
    }

    private void AddAccesses(AccessBatch batch, int pid)
    {
        for (int i = 0; i < batch.RunCount; i++)
        {
            var run = batch.Runs[i];
            Accesses += run.Count;
            for (int k = 0; k < run.Count && Steps.Count < 2000; k++)
            {
                ulong entry = run.IsScatter ? batch.Scatter[(int)run.Start + k] : 0;
                var kind = run.IsScatter ? ScatterEntry.KindOf(entry) : run.Kind;
                ulong va = run.IsScatter ? ScatterEntry.AddressOf(entry) : run.Start + (ulong)(k * run.Stride);
                Steps.Add(string.Create(CultureInfo.InvariantCulture, $"{pid} {kind} {va:x}"));
            }
        }
    }

    private static string Text(in SyscallRequest call, int pid)
    {
        string child = call.Child is null ? "" : " child " + call.Child.Comm;
        string file = call.File is null ? "" : " file " + call.File;
        string args = call.Nr switch
        {
            SyscallNr.Mmap or SyscallNr.Mremap =>
                $"{call.A0:x} {call.A1:x} {call.A2:x} {call.A3:x} {call.A4:x} {call.A5:x}",
            SyscallNr.Fork or SyscallNr.Vfork => call.ChildPid.ToString(CultureInfo.InvariantCulture),
            SyscallNr.Execve => "",
            SyscallNr.Wait4 or SyscallNr.ExitGroup => ((long)call.A0).ToString(CultureInfo.InvariantCulture),
            _ => $"{call.A0:x} {call.A1:x} {call.A2:x}",
        };
        string text = string.Create(CultureInfo.InvariantCulture, $"{pid} {call.Nr} {args}{file}{child}");
        return text.Replace("  ", " ", StringComparison.Ordinal);
    }
}
