using LinuxMem.Workloads.Inputs;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace;

/// <summary>Tells logs of strace from others by their first lines.</summary>
public static class LogKind
{
    private const int LookedAtBytes = 1 << 16;

    /// <summary>Opens an input and looks at its first 64 KiB.</summary>
    /// <param name="path">A file, or "-" for standard input.</param>
    /// <returns>The input, from its first byte, for the caller to dispose of; and whether strace wrote it.</returns>
    /// <exception cref="LinuxMem.Simulation.ConfigurationException">As for <see cref="InputFile.Open"/>.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static (Stream Log, bool IsStrace) Open(string path)
    {
        Stream stream = InputFile.Open(path);
        try
        {
            var start = new byte[LookedAtBytes];
            int count = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            return (new SourceStream(stream, start, count), IsStrace(start.AsSpan(0, count)));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    // valgrind's lines begin with "==", its accesses with a blank and a letter, its calls with SYSCALL.
    private static bool IsStrace(ReadOnlySpan<byte> text)
    {
        foreach (Range range in text.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = text[range];
            if (line.StartsWith("=="u8) || line.StartsWith("SYSCALL["u8) || line.StartsWith("I  "u8))
                return false;
            ReadOnlySpan<byte> body = line[LinePrefix.Read(line, out _)..];
            if (body.StartsWith("strace: "u8) || body.StartsWith("+++ "u8) || body.StartsWith("--- SIG"u8))
                return true;
            int open = body.IndexOf((byte)'(');
            if (open > 0 && CallNumbers.Find(body[..open]).Nr >= 0)
                return true;
        }

        return false;
    }
}
