using LinuxMem.Abi;
using LinuxMem.Simulation.Random;

namespace LinuxMem.Workloads.Patterns;

/// <summary>What the accesses of a pattern want: all the same, or reads and writes in a given ratio.</summary>
/// <param name="Kind">Execute for instruction fetches; otherwise the writes' share decides and this is Read.</param>
/// <param name="WritePercent">The share of writes, 0 to 100; each access is drawn by itself, to within 2^-16.</param>
public readonly record struct AccessMix(AccessKind Kind, int WritePercent = 0)
{
    private const int KindShift = 62;

    /// <summary>Only reads.</summary>
    public static AccessMix Reads => new(AccessKind.Read);

    /// <summary>Only writes.</summary>
    public static AccessMix Writes => new(AccessKind.Read, 100);

    /// <summary>Only instruction fetches.</summary>
    public static AccessMix Fetches => new(AccessKind.Execute);

    /// <summary>Whether there are reads and writes.</summary>
    public bool IsMixed => Kind != AccessKind.Execute && WritePercent is > 0 and < 100;

    /// <summary>The kind of every access. Precondition: not <see cref="IsMixed"/>.</summary>
    public AccessKind OnlyKind =>
        Kind == AccessKind.Execute ? AccessKind.Execute : WritePercent >= 100 ? AccessKind.Write : AccessKind.Read;

    /// <summary>Turns offsets from <paramref name="start"/> into packed accesses, in place.</summary>
    public void Pack(Span<ulong> offsets, ulong start, ref RandomStream random)
    {
        if (!IsMixed)
        {
            AccessKind kind = OnlyKind;
            for (int i = 0; i < offsets.Length; i++)
                offsets[i] = ScatterEntry.Pack(start + offsets[i], kind);
            return;
        }

        RandomStream local = random;
        ulong threshold = ((ulong)WritePercent << 16) / 100;
        ulong bits = 0;
        for (int i = 0; i < offsets.Length; i++)
        {
            // A draw serves four accesses, 16 bits each; the sign of the difference is the kind, without a branch to
            // mispredict.
            if ((i & 3) == 0)
                bits = local.Next();
            ulong isWrite = ((bits & 0xffff) - threshold) >> 63;
            bits >>= 16;
            offsets[i] = ScatterEntry.Pack(start + offsets[i], AccessKind.Read) | (isWrite << KindShift);
        }

        random = local;
    }
}
