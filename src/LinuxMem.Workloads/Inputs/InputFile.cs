using System.IO.Compression;
using LinuxMem.Simulation;
using ZstdSharp;

namespace LinuxMem.Workloads.Inputs;

/// <summary>
/// Opens what a user names as input: a plain, .gz, .xz or .zst file, known by its first bytes, or standard input.
/// </summary>
public static class InputFile
{
    /// <summary>The name that means standard input.</summary>
    public const string StandardInput = "-";

    private const int MagicBytes = 6;

    private static ReadOnlySpan<byte> XzMagic => [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0];

    // Without this the runtime's decoder takes a truncated .gz for a complete one.
    static InputFile() => AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);

    /// <summary>Opens an input for reading from its start, decompressed.</summary>
    /// <param name="path">A path, or "-" for standard input.</param>
    /// <returns>A stream that cannot seek; the caller disposes of it.</returns>
    /// <remarks>
    /// What is decompressed ends with an error past 64 GiB, or past a ratio of 1000:1 once the first 64 MiB are out;
    /// damaged data ends with an <see cref="IOException"/> while reading.
    /// </remarks>
    /// <exception cref="ConfigurationException">A directory, a FIFO, a device, or empty.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static Stream Open(string path)
    {
        var raw = path == StandardInput ? Console.OpenStandardInput() : OpenFile(path);
        try
        {
            var magic = new byte[MagicBytes];
            int count = raw.ReadAtLeast(magic, MagicBytes, throwOnEndOfStream: false);
            if (count == 0)
                throw new ConfigurationException($"{Name(path)}: is empty");
            byte[]? start = magic.AsSpan().StartsWith(XzMagic) ? XzDictionary.Shrink(raw) : null;
            return Decoded(new SourceStream(raw, start ?? magic, start?.Length ?? count), magic.AsSpan(0, count),
                Name(path));
        }
        catch
        {
            raw.Dispose();
            throw;
        }
    }

    /// <summary>How an input is called in messages.</summary>
    public static string Name(string path) => path == StandardInput ? "standard input" : path;

    private static Stream Decoded(SourceStream source, ReadOnlySpan<byte> magic, string name)
    {
        if (magic.StartsWith<byte>([0x1f, 0x8b]))
            return new GuardedStream(new GZipStream(source, CompressionMode.Decompress), source, name);
        if (magic.StartsWith(XzMagic))
            return new GuardedStream(new XzStream(source), source, name);
        if (magic.StartsWith<byte>([0x28, 0xb5, 0x2f, 0xfd]))
            return new GuardedStream(new DecompressionStream(source), source, name);
        return source;
    }

    private static FileStream OpenFile(string path)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
            throw new ConfigurationException("an input needs a file name, or - for standard input");
        if (Directory.Exists(path))
            throw new ConfigurationException($"{path}: is a directory, not a file");
        var file = new FileInfo(path);
        if (file.LinkTarget is not null)
            file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        if (!file.Exists)
            throw new FileNotFoundException($"{path}: no such file", path);
        // Looked at before opening, because opening a FIFO that nobody writes to waits for ever. Pipes and devices have
        // length 0 too, and .NET does not tell them from files.
        if (file.Length == 0)
            throw new ConfigurationException($"{path}: is empty, or a pipe or device; use - to read standard input");
        const int Unbuffered = 0;
        return new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.Read, Unbuffered, FileOptions.SequentialScan);
    }
}
