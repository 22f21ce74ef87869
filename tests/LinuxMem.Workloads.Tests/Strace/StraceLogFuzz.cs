using System.Text;
using CsCheck;
using LinuxMem.Simulation;
using LinuxMem.Workloads.Inputs;
using LinuxMem.Workloads.Strace.Planning;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Tests.Strace;

/// <summary>Lines of real logs, damaged at random: nothing throws, and every line is accounted for.</summary>
public sealed class StraceLogFuzz
{
    private static readonly List<byte[]> Lines = Sample();

    private static readonly Gen<byte[]> Line =
        from index in Gen.Int[0, Lines.Count - 1]
        from edits in Gen.Select(Gen.Double[0, 1], Gen.Byte, Gen.Int[0, 3]).List[0, 4]
        select Damaged(Lines[index], edits);

    [Fact]
    public void Damaged_logs_are_read_to_their_ends()
    {
        Line.List[1, 60].Sample(
            lines =>
            {
                var text = new MemoryStream();
                foreach (byte[] line in lines)
                {
                    text.Write(line);
                    text.WriteByte((byte)'\n');
                }

                text.Position = 0;
                StraceLog log;
                try
                {
                    log = StraceLog.Read(text, "fuzz", strict: false);
                }
                catch (ConfigurationException)
                {
                    return; // Not one line of it is an event.
                }

                Assert.True(log.Counts.AddUp);
                foreach (StraceEvent happened in log.Events)
                {
                    _ = happened.Result;
                    foreach (StraceField field in happened.Arguments)
                        _ = field.Value.ToString();
                }

                var plan = ScriptPlanner.Plan(log);
                Assert.Equal(log.Events.Count, plan.Scripts.Sum(s => s.Events.Count));
            },
            iter: 400);
    }

    private static byte[] Damaged(byte[] line, List<(double At, byte With, int How)> edits)
    {
        var bytes = new List<byte>(line);
        foreach ((double at, byte with, int how) in edits)
        {
            int index = (int)(at * bytes.Count);
            if (index >= bytes.Count)
                continue;
            if (how == 0)
                bytes[index] = with;
            else if (how == 1)
                bytes.Insert(index, with);
            else if (how == 2)
                bytes.RemoveAt(index);
            else
                bytes.RemoveRange(index, bytes.Count - index);
        }

        return [.. bytes];
    }

    private static List<byte[]> Sample()
    {
        var lines = new List<byte[]>();
        foreach (string path in StraceLogSpec.Logs())
        {
            using Stream stream = InputFile.Open(path);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            for (int i = 0; i < 300 && reader.ReadLine() is { } line; i++)
                lines.Add(Encoding.Latin1.GetBytes(line));
        }

        return lines;
    }
}
