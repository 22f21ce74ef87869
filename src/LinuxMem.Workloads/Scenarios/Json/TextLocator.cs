namespace LinuxMem.Workloads.Scenarios.Json;

/// <summary>
/// Turns byte offsets of a text into lines and columns. Offsets may only grow from call to call, so that the whole
/// costs O(n).
/// </summary>
/// <remarks>
/// LF, CR LF and a lone CR end a line; a column counts code points, so that an editor shows the same number.
/// </remarks>
internal ref struct TextLocator(ReadOnlySpan<byte> utf8, string source)
{
    private readonly ReadOnlySpan<byte> utf8 = utf8;
    private int offset;
    private int line = 1;
    private int column = 1;

    /// <summary>The place of the byte at an offset.</summary>
    public Position At(int target)
    {
        target = Math.Min(target, utf8.Length);
        for (; offset < target; offset++)
        {
            byte b = utf8[offset];
            bool endsLine = b == '\n' || (b == '\r' && (offset + 1 >= utf8.Length || utf8[offset + 1] != '\n'));
            if (endsLine)
            {
                line++;
                column = 1;
            }
            else if ((b & 0xc0) != 0x80)
            {
                column++;
            }
        }

        // In the middle of a character the column is the one after it: step back to the character that the byte belongs
        // to.
        bool isInside = offset < utf8.Length && (utf8[offset] & 0xc0) == 0x80 && column > 1;
        return new Position(source, line, isInside ? column - 1 : column);
    }
}
