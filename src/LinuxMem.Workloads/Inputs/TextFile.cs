using System.Runtime.InteropServices;
using LinuxMem.Simulation;
using LinuxMem.Workloads.Scenarios.Json;

namespace LinuxMem.Workloads.Inputs;

/// <summary>Reads a whole file that a person wrote, with a limit, and never waits for a pipe.</summary>
internal static unsafe class TextFile
{
    private const int AtFdCwd = -100;
    private const uint StatxType = 1;
    private const int StatxBytes = 256;
    private const int StatxModeOffset = 28;
    private const int ModeTypeMask = 0xf000;
    private const int ModeRegular = 0x8000;

    /// <summary>The file's bytes.</summary>
    /// <exception cref="ConfigurationException">
    /// It is a directory, a pipe, a device, or longer than the limit.
    /// </exception>
    /// <exception cref="IOException">
    /// It is missing or cannot be read (also <see cref="UnauthorizedAccessException"/>).
    /// </exception>
    public static byte[] Read(string path, int bytesMax)
    {
        if (Directory.Exists(path))
            throw Wrong(path, "is a directory; expected a file");
        if (!IsRegular(path))
            throw Wrong(path, "is a pipe or a device; expected a regular file");

        // The length that the file system reports is not trusted: the limit holds while reading.
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
        byte[] buffer = new byte[(int)Math.Clamp(file.Length + 1, 4096, (long)bytesMax + 1)];
        int count = 0;
        while (true)
        {
            if (count == buffer.Length)
            {
                if (count > bytesMax)
                    throw TooLong(path, bytesMax);
                Array.Resize(ref buffer, (int)Math.Min(count * 2L, (long)bytesMax + 1));
            }

            int got = file.Read(buffer, count, buffer.Length - count);
            if (got == 0)
                break;
            count += got;
        }

        if (count > bytesMax)
            throw TooLong(path, bytesMax);
        return buffer[..count];
    }

    private static ConfigurationException TooLong(string path, int bytesMax) =>
        Wrong(path, $"is longer than {bytesMax >> 20} MiB; expected a scenario of at most that size");

    private static ConfigurationException Wrong(string path, string what) =>
        new($"{Quoting.Clean(path)}: error: {what}");

    /// <summary>
    /// Whether opening the file cannot block. Linux only: .NET cannot tell a pipe from a file without opening it.
    /// </summary>
    private static bool IsRegular(string path)
    {
        if (!OperatingSystem.IsLinux())
            return true;
        byte* status = stackalloc byte[StatxBytes];
        // A file that cannot be looked at is left to the opening, which says why.
        if (Statx(AtFdCwd, path, 0, StatxType, status) != 0)
            return true;
        return (*(ushort*)(status + StatxModeOffset) & ModeTypeMask) == ModeRegular;
    }

    [DllImport("libc", EntryPoint = "statx")]
    private static extern int Statx(
        int directory, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, byte* status);
}
