using System.Buffers.Binary;
using System.Globalization;
using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Checking;

/// <summary>Which parts of a file's status can be foreseen.</summary>
[Flags]
internal enum StatusParts
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>What it is.</summary>
    Type = 1,

    /// <summary>Who may do what with it.</summary>
    Permissions = 2,

    /// <summary>How long it is.</summary>
    Size = 4,

    /// <summary>How many names it has.</summary>
    Links = 8,

    /// <summary>How many blocks it has.</summary>
    Blocks = 16,
}

/// <summary>Compares the status of a file that a log shows with the machine's.</summary>
internal static class StatusFact
{
    private const uint TypeBits = 0xf000;

    // Set-id bits go with a write, which the machine does not do.
    private const uint RightBits = 0x3ff;
    private const ulong Regular = 0x8000, Link = 0xa000;

    /// <summary>What differs, by the log and by the machine; null for nothing.</summary>
    /// <param name="call">A call that shows a status.</param>
    /// <param name="copied">The structure that the machine filled.</param>
    /// <param name="parts">What is compared of it.</param>
    internal static (string Expected, string Actual)? Compare(
        StraceEvent call, IReadOnlyList<byte> copied, StatusParts parts)
    {
        bool isExtended = call.Nr == (int)SyscallNr.Statx;
        StraceValue status = ShownBy(call);
        byte[] bytes = [.. copied];
        if (bytes.Length < (isExtended ? 256 : 144) || status.Kind != StraceValueKind.Structure)
            return null;
        string prefix = isExtended ? "stx_" : "st_";
        ulong? mode = Number(status, prefix + "mode");
        ulong ownMode = isExtended ? BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(28))
            : BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(24));
        if ((parts & StatusParts.Type) != 0 && mode is { } shown && (shown & TypeBits) != (ownMode & TypeBits))
            return Both("mode", shown, ownMode, octal: true);
        if ((parts & StatusParts.Permissions) != 0 && mode is { } rights
            && (rights & RightBits) != (ownMode & RightBits))
            return Both("mode", rights, ownMode, octal: true);
        bool hasLength = mode is { } kind && (kind & TypeBits) is Regular or Link;
        ulong ownSize = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(isExtended ? 40 : 48));
        if ((parts & StatusParts.Size) != 0 && hasLength && Number(status, prefix + "size") is { } size
            && size != ownSize)
            return Both("size", size, ownSize);
        ulong ownLinks = isExtended ? BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(16))
            : BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(16));
        if ((parts & StatusParts.Links) != 0 && Number(status, prefix + "nlink") is { } links && links != ownLinks)
            return Both("nlink", links, ownLinks);
        ulong ownBlocks = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(isExtended ? 48 : 64));
        return (parts & StatusParts.Blocks) != 0 && (mode & TypeBits) == Regular
            && Number(status, prefix + "blocks") is { } blocks && blocks != ownBlocks
            ? Both("blocks", blocks, ownBlocks) : null;
    }

    /// <summary>The structure that a call of stat and its kin shows.</summary>
    internal static StraceValue ShownBy(StraceEvent call) =>
        call[(SyscallNr)call.Nr switch { SyscallNr.Statx => 4, SyscallNr.Newfstatat => 2, _ => 1 }];

    private static ulong? Number(StraceValue status, string name) =>
        status.Member(name) is { IsNumber: true } value ? value.Number : null;

    private static (string Expected, string Actual) Both(string name, ulong expected, ulong actual, bool octal = false)
        => ($"{name} {Show(expected, octal)}", $"{name} {Show(actual, octal)}");

    private static string Show(ulong value, bool octal) => octal
        ? "0" + Convert.ToString((long)value, 8) : value.ToString(CultureInfo.InvariantCulture);
}
