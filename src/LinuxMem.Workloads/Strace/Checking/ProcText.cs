using System.Text;

namespace LinuxMem.Workloads.Strace.Checking;

/// <summary>
/// Compares a text of /proc line by line, over all reads of one open file: how much a read returns depends on the
/// lengths of paths and inode numbers, so that the two sides may break off at different lines.
/// </summary>
/// <remarks>Devices and inodes are left out: each machine numbers them in its own way.</remarks>
internal sealed class ProcText
{
    private readonly List<byte> logged = [];
    private readonly List<byte> simulated = [];
    private SmapsShares shares;
    private bool isLost;

    /// <summary>Compares what one more read has returned.</summary>
    /// <param name="more">What the log shows; empty at the end of the file.</param>
    /// <param name="copied">What the simulated kernel copied.</param>
    /// <param name="isCut">Whether strace left out the end of what was read: later reads are not compared.</param>
    /// <returns>Nothing if there is nothing to compare; else whether both say the same, and the first line of each
    /// that differs.</returns>
    internal (bool IsEqual, string Expected, string Actual)? Read(byte[] more, byte[] copied, bool isCut)
    {
        if (isLost)
            return null;
        isLost = isCut;
        logged.AddRange(more);
        simulated.AddRange(copied);
        // At the end of the file there is nothing that a line could go on with.
        bool atEnd = more.Length == 0;
        while (!atEnd || logged.Count + simulated.Count > 0)
        {
            string? left = TakeLine(logged, atEnd);
            string? right = left is null && !atEnd ? null : TakeLine(simulated, atEnd);
            if (left is not null && right is null && !atEnd)
            {
                Return(left);
                return (true, "", "");
            }

            if (left is null && right is null)
                return (true, "", "");
            if (!shares.Allows(left ?? "", right ?? "") && Fields(left ?? "") != Fields(right ?? ""))
            {
                isLost = true;
                return (false, left ?? "(nothing)", right ?? "(nothing)");
            }
        }

        return (true, "", "");
    }

    /// <summary>The file's position has changed.</summary>
    internal void Reset()
    {
        logged.Clear();
        simulated.Clear();
        isLost = false;
    }

    private void Return(string line) => logged.InsertRange(0, Encoding.UTF8.GetBytes(line + "\n"));

    private static string? TakeLine(List<byte> text, bool atEnd)
    {
        int end = text.IndexOf((byte)'\n');
        if (end < 0 && !(atEnd && text.Count > 0))
            return null;
        int length = end < 0 ? text.Count : end;
        string line = Encoding.UTF8.GetString([.. text.GetRange(0, length)]);
        text.RemoveRange(0, end < 0 ? length : length + 1);
        return line;
    }

    // "7ffff7dd2000-7ffff7df8000 r--p 00000000 fe:00 409981    /usr/lib/libc.so": the fourth and fifth are left out.
    private static string Fields(string line)
    {
        string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        bool mapping = fields.Length >= 5 && fields[0].Contains('-', StringComparison.Ordinal)
            && fields[3].Contains(':', StringComparison.Ordinal);
        if (!mapping)
            return string.Join(' ', fields);
        return string.Join(' ', fields[..3]) + " " + string.Join(' ', fields[5..]);
    }
}
