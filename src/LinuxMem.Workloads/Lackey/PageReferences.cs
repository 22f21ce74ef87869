using System.Globalization;
using LinuxMem.Simulation;
using LinuxMem.Workloads.Inputs;

namespace LinuxMem.Workloads.Lackey;

/// <summary>
/// The pages that a log refers to, one after the other: a log of valgrind's lackey, whose accesses fall into pages of 4
/// KiB, or a text of page numbers.
/// </summary>
/// <remarks>
/// A text has numbers in decimal, or in hexadecimal after 0x, with blanks, commas or line breaks between them; # begins
/// a comment. An access that crosses into a second page refers to both.
/// </remarks>
public sealed class PageReferences
{
    private const int PageShift = 12;
    private const int LookedAtBytes = 1 << 16;
    private const int PackedEntries = 4096;
    private readonly LackeyCounts counts = new();

    /// <summary>Lines that were neither accesses nor anything else that lackey writes.</summary>
    public long Rejected => counts.Rejected;

    /// <summary>What was wrong with the first of them.</summary>
    public IReadOnlyList<string> RejectedMessages => counts.RejectedMessages;

    /// <summary>Reads an input to its end.</summary>
    /// <param name="path">A file, or "-" for standard input.</param>
    /// <param name="add">Told each page.</param>
    /// <param name="cancel">Ends the reading early.</param>
    /// <exception cref="ConfigurationException">As for <see cref="InputFile.Open"/>; what is no number; no
    /// references at all.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public void Read(string path, Action<ulong> add, CancellationToken cancel)
    {
        long references = 0;
        void Counted(ulong page)
        {
            if ((references++ & 0xffff) == 0)
                cancel.ThrowIfCancellationRequested();
            add(page);
        }

        using Stream stream = InputFile.Open(path);
        var start = new byte[LookedAtBytes];
        int count = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        var source = new SourceStream(stream, start, count);
        string name = InputFile.Name(path);
        if (IsNumbers(start.AsSpan(0, count)))
            ReadNumbers(source, name, Counted);
        else
            ReadLackey(source, name, Counted);
        if (references == 0)
            throw new ConfigurationException(
                $"{name}: has no accesses of lackey (--trace-mem=yes) and no numbers of pages");
    }

    // No line of lackey begins with a digit.
    private static bool IsNumbers(ReadOnlySpan<byte> text)
    {
        foreach (Range range in text.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = text[range].Trim(" \t\r,"u8);
            if (line.IsEmpty || line[0] == (byte)'#')
                continue;
            return char.IsAsciiDigit((char)line[0]);
        }

        return false;
    }

    private static void ReadNumbers(Stream stream, string name, Action<ulong> add)
    {
        using var reader = new StreamReader(stream);
        for (int line = 1; reader.ReadLine() is { } text; line++)
        {
            ReadOnlySpan<char> rest = text;
            int comment = rest.IndexOf('#');
            rest = comment < 0 ? rest : rest[..comment];
            foreach (Range range in rest.SplitAny(" \t,"))
            {
                ReadOnlySpan<char> word = rest[range];
                if (word.IsEmpty)
                    continue;
                bool isHex = word.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
                NumberStyles style = isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
                ReadOnlySpan<char> digits = isHex ? word[2..] : word;
                if (!ulong.TryParse(digits, style, CultureInfo.InvariantCulture, out ulong page))
                {
                    throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture,
                        $"{name}:{line}:{range.Start.Value + 1}: '{word}' is not the number of a page"));
                }

                add(page);
            }
        }
    }

    private void ReadLackey(Stream stream, string name, Action<ulong> add)
    {
        using var parser = new LackeyParser(stream, name, counts, strict: false, PageShift);
        var packed = new ulong[PackedEntries];
        for (LackeyItem item = parser.Read(packed); item != LackeyItem.End; item = parser.Read(packed))
        {
            if (item == LackeyItem.Accesses)
            {
                foreach (ulong entry in packed.AsSpan(0, parser.PackedCount))
                    add(Abi.ScatterEntry.AddressOf(entry) >> PageShift);
            }
            else if (item == LackeyItem.WideAccess)
            {
                ulong first = parser.Access.Va >> PageShift;
                ulong last = (parser.Access.Va + (ulong)parser.Access.Bytes - 1) >> PageShift;
                add(first);
                if (last != first)
                    add(last);
            }
        }
    }
}
