using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using LinuxMem.Abi;

namespace LinuxMem.Workloads.Lackey;

/// <summary>
/// Access lines, `I  0494db42,3`: the fast loop over the usual ones, and a careful reader for all the others that says
/// what is wrong.
/// </summary>
internal static class AccessLines
{
    /// <summary>
    /// The longest access, in bytes: one page, so that it touches at most two. Lackey's own limit is 512.
    /// </summary>
    internal const int BytesMax = 4096;

    private const int DigitsMin = 8;
    private const int DigitsMax = 16;

    // 14 digits are 56 bits, which a packed entry holds whatever they are.
    private const int PackedDigitsMax = 14;

    // 3 of prefix and 16 that are loaded at once; a line of 14 digits needs 21.
    internal const int LookAheadBytes = 32;

    private const int KindShift = 62;

    // Indexed by the low 5 bits of (byte 0 xor byte 1) of a line, which differ for the four kinds: the three bytes that
    // a line must begin with, little-endian, and the kind in its place in a packed entry.
    private static readonly uint[] Prefixes = MakePrefixes();
    private static readonly ulong[] KindBits = MakeKindBits();

    // Loaded at offset n, shuffles n digits to the end of the vector, with zeros before them.
    private static ReadOnlySpan<byte> RightAlign =>
    [
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
    ];

    /// <summary>
    /// Packs the access lines that <paramref name="text"/> begins with, up to the first that is unusual in any way, the
    /// last few bytes of the text, or a full buffer.
    /// </summary>
    /// <param name="text">Log text from the beginning of a line.</param>
    /// <param name="packed">Receives <see cref="ScatterEntry"/> values; an access that crosses a page gives
    /// two.</param>
    /// <param name="pageShift">log2 of the page size.</param>
    /// <param name="consumed">Bytes of the lines packed.</param>
    /// <param name="lines">Number of the lines packed.</param>
    /// <returns>Number of entries packed.</returns>
    internal static int Pack(
        ReadOnlySpan<byte> text, Span<ulong> packed, int pageShift, out int consumed, out int lines)
    {
        ref byte origin = ref MemoryMarshal.GetReference(text);
        ref ulong entries = ref MemoryMarshal.GetReference(packed);
        ref uint prefixes = ref MemoryMarshal.GetArrayDataReference(Prefixes);
        ref ulong kinds = ref MemoryMarshal.GetArrayDataReference(KindBits);
        nint limit = text.Length - LookAheadBytes;
        nint at = 0;
        int room = packed.Length - 2;
        int count = 0;
        int found = 0;
        ulong pageBytes = 1UL << pageShift;
        while (at <= limit && count <= room)
        {
            ref byte line = ref Unsafe.Add(ref origin, at);
            uint prefix = Unsafe.ReadUnaligned<uint>(ref line) & 0xffffff;
            uint form = (prefix ^ (prefix >> 8)) & 31;
            if (Unsafe.Add(ref prefixes, form) != prefix)
                break;
            int digits = Hex(Vector128.LoadUnsafe(ref line, 3), out ulong va);
            ref byte tail = ref Unsafe.Add(ref line, 3 + digits);
            if ((uint)(digits - DigitsMin) > PackedDigitsMax - DigitsMin || tail != (byte)',')
                break;
            uint size = Unsafe.Add(ref tail, 1) - (uint)'0';
            if (size - 1 > 8)
                break;
            nint length = 3 + digits + 3;
            uint next = Unsafe.Add(ref tail, 2);
            if (next != '\n')
            {
                next -= '0';
                if (next > 9 || Unsafe.Add(ref tail, 3) != (byte)'\n')
                    break;
                size = size * 10 + next;
                length++;
            }

            ulong kind = Unsafe.Add(ref kinds, form);
            Unsafe.Add(ref entries, count++) = va | kind;
            if ((va & (pageBytes - 1)) + size > pageBytes)
                Unsafe.Add(ref entries, count++) = ((va + pageBytes) & ~(pageBytes - 1)) | kind;
            at += length;
            found++;
        }

        consumed = (int)at;
        lines = found;
        return count;
    }

    /// <summary>Reads any access line. Precondition: it has one of the four prefixes.</summary>
    /// <param name="line">The line without its line feed.</param>
    /// <param name="access">The access.</param>
    /// <param name="column">Where it goes wrong, from 1.</param>
    /// <returns>Null, or what is wrong with it.</returns>
    internal static string? Parse(ReadOnlySpan<byte> line, out LackeyAccess access, out int column)
    {
        access = default;
        int at = 3;
        ulong va = 0;
        while (at < line.Length && HexDigit(line[at]) is >= 0 and var digit)
        {
            if (at - 3 == DigitsMax)
                return Wrong("address of more than 16 digits", at, out column);
            va = va << 4 | (uint)digit;
            at++;
        }

        if (at - 3 < DigitsMin)
            return Wrong("address of fewer than 8 hexadecimal digits", at, out column);
        if (at == line.Length || line[at] != ',')
            return Wrong("no comma after the address", at, out column);
        int sizeAt = ++at;
        int size = 0;
        for (; at < line.Length && line[at] is >= (byte)'0' and <= (byte)'9'; at++)
            size = Math.Min(size * 10 + line[at] - '0', BytesMax + 1);
        if (at == sizeAt || at < line.Length)
            return Wrong("no decimal length after the address", at, out column);
        if (size is 0 or > BytesMax || line[sizeAt] == '0')
            return Wrong("length not from 1 to 4096 bytes", sizeAt, out column);
        if (va > ulong.MaxValue - (uint)(size - 1))
            return Wrong("access beyond the end of the address space", 3, out column);
        access = new LackeyAccess(KindOf(line), va, size);
        column = 0;
        return null;
    }

    /// <summary>Whether a line begins as an access does.</summary>
    internal static bool HasPrefix(ReadOnlySpan<byte> line) =>
        line.StartsWith("I  "u8) || line.StartsWith(" L "u8) || line.StartsWith(" S "u8) || line.StartsWith(" M "u8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Hex(Vector128<byte> text, out ulong value)
    {
        var decimals = Vector128.LessThanOrEqual(text - Vector128.Create((byte)'0'), Vector128.Create((byte)9));
        var letters = Vector128.LessThanOrEqual(text - Vector128.Create((byte)'a'), Vector128.Create((byte)5));
        int digits = BitOperations.TrailingZeroCount(~(decimals | letters).ExtractMostSignificantBits());
        var nibbles = (text & Vector128.Create((byte)0xf)) + (letters & Vector128.Create((byte)9));
        var align = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(RightAlign), (nuint)(digits & 31));
        value = Join(Ssse3.IsSupported ? Ssse3.Shuffle(nibbles, align) : Vector128.Shuffle(nibbles, align));
        return digits;
    }

    /// <summary>Sixteen nibbles, the most significant first, as a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Join(Vector128<byte> nibbles)
    {
        if (Ssse3.IsSupported)
        {
            var pairs = Ssse3.MultiplyAddAdjacent(nibbles, Vector128.Create((short)0x0110).AsSByte());
            return BinaryPrimitives.ReverseEndianness(Sse2.PackUnsignedSaturate(pairs, pairs).AsUInt64().ToScalar());
        }

        ulong value = 0;
        for (int i = 0; i < Vector128<byte>.Count; i++)
            value = value << 4 | nibbles[i];
        return value;
    }

    private static int HexDigit(byte c) => c switch
    {
        >= (byte)'0' and <= (byte)'9' => c - '0',
        >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
        _ => -1,
    };

    private static string Wrong(string reason, int at, out int column)
    {
        column = at + 1;
        return reason;
    }

    private static AccessKind KindOf(ReadOnlySpan<byte> line) =>
        line[0] == 'I' ? AccessKind.Execute : line[1] == 'L' ? AccessKind.Read : AccessKind.Write;

    private static uint[] MakePrefixes()
    {
        var prefixes = new uint[32];
        Array.Fill(prefixes, uint.MaxValue);
        foreach (var text in (ReadOnlySpan<string>)["I  ", " L ", " S ", " M "])
            prefixes[Form(text)] = text[0] | (uint)text[1] << 8 | (uint)text[2] << 16;
        return prefixes;
    }

    private static ulong[] MakeKindBits()
    {
        var kinds = new ulong[32];
        kinds[Form("I  ")] = (ulong)AccessKind.Execute << KindShift;
        kinds[Form(" L ")] = (ulong)AccessKind.Read << KindShift;
        kinds[Form(" S ")] = (ulong)AccessKind.Write << KindShift;
        kinds[Form(" M ")] = (ulong)AccessKind.Write << KindShift;
        return kinds;
    }

    private static int Form(string prefix) => (prefix[0] ^ prefix[1]) & 31;
}
