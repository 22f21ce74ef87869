using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using LinuxMem.Simulation;

namespace LinuxMem.Testing.Exploring;

/// <summary>
/// The file of an exploration: a record a run, appended as runs end, each as length (4 bytes, little endian), CRC-32C
/// of the rest (4 bytes), and JSON. The first record says what is explored.
/// </summary>
/// <remarks>
/// What a killed process leaves is a sound beginning and perhaps a torn record behind it, which is cut off when the
/// file is opened again. When all runs are there, the file is written anew in the order of runs, under another name,
/// and renamed: how many workers there were, and how often it was interrupted, leaves no trace.
/// </remarks>
public sealed class Journal : IDisposable
{
    private const int RecordBytesMax = 1 << 20;
    private const int FlushEvery = 256;
    private readonly string path;
    private readonly FileStream file;
    private readonly byte[] header;
    private int unflushed;

    private Journal(string path, FileStream file, byte[] header)
    {
        this.path = path;
        this.file = file;
        this.header = header;
    }

    /// <summary>The records that the file had when it was opened.</summary>
    public IReadOnlyList<byte[]> Found { get; private set; } = [];

    /// <summary>Bytes of a torn record that were cut off.</summary>
    public long TornBytes { get; private set; }

    /// <summary>Opens a file, or makes it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="header">What is explored; what is in the file must be the same.</param>
    /// <exception cref="ConfigurationException">The file is something else, or of another exploration.</exception>
    /// <exception cref="IOException">It cannot be read or written, or another process has it open.</exception>
    public static Journal Open(string path, byte[] header)
    {
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            var journal = new Journal(path, file, header);
            journal.ReadBack();
            return journal;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Appends a record. It outlives the process from then on, and the machine from time to time.</summary>
    public void Append(byte[] record)
    {
        Write(file, record);
        file.Flush(flushToDisk: ++unflushed % FlushEvery == 0);
    }

    /// <summary>Ends the exploration: the file has these records, in this order, and no others.</summary>
    public void Finish(IEnumerable<byte[]> records)
    {
        string unfinished = $"{path}.tmp-{Environment.ProcessId}";
        try
        {
            using (var sorted = new FileStream(unfinished, FileMode.Create, FileAccess.Write))
            {
                Write(sorted, header);
                foreach (byte[] record in records)
                    Write(sorted, record);
                sorted.Flush(flushToDisk: true);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private static void Write(FileStream to, byte[] record)
    {
        Span<byte> head = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(head, record.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], Crc32C(record));
        // In one piece, so that a record is torn by nothing but the end of the process.
        byte[] whole = new byte[8 + record.Length];
        head.CopyTo(whole);
        record.CopyTo(whole, 8);
        to.Write(whole);
    }

    /// <summary>CRC-32C (Castagnoli) of some bytes.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
            crc = BitOperations.Crc32C(crc, word);
        foreach (byte one in bytes[(words.Length * 8)..])
            crc = BitOperations.Crc32C(crc, one);
        return ~crc;
    }

    private void ReadBack()
    {
        var found = new List<byte[]>();
        long sound = 0;
        while (TryRead(out byte[] record))
        {
            found.Add(record);
            sound = file.Position;
        }

        if (found.Count == 0 && file.Length > 0)
        {
            throw new ConfigurationException(
                $"{path}: this is no file of an exploration; expected one, or a name that is not in use");
        }

        if (found.Count > 0 && !found[0].AsSpan().SequenceEqual(header))
        {
            throw new ConfigurationException($"{path}: this is the file of another exploration, "
                + $"{Encoding.UTF8.GetString(found[0])}; expected {Encoding.UTF8.GetString(header)}");
        }

        TornBytes = file.Length - sound;
        file.SetLength(sound);
        file.Position = sound;
        if (found.Count == 0)
            Append(header);
        Found = [.. found.Skip(1)];
    }

    private bool TryRead(out byte[] record)
    {
        record = [];
        Span<byte> head = stackalloc byte[8];
        if (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length)
            return false;
        int length = BinaryPrimitives.ReadInt32LittleEndian(head);
        if (length is < 2 or > RecordBytesMax || length > file.Length - file.Position)
            return false;
        record = new byte[length];
        file.ReadExactly(record);
        return Crc32C(record) == BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
    }
}
