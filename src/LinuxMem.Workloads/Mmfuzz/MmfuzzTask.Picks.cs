using LinuxMem.Abi;

namespace LinuxMem.Workloads.Mmfuzz;

/// <content>The random choices of a step: where, how much, with which rights.</content>
public sealed partial class MmfuzzTask
{
    private const ulong Page = 4096;
    private const ulong Arena = 0x100000000;
    private const uint ArenaPages = 64;
    private const uint InPageRange = (uint)Page - 32;

    private static readonly ProtFlags[] Prots =
    [
        ProtFlags.None, ProtFlags.Read, ProtFlags.Read | ProtFlags.Write, ProtFlags.Read | ProtFlags.Write,
        ProtFlags.Read | ProtFlags.Write, ProtFlags.Write, ProtFlags.Read | ProtFlags.Exec,
    ];

    // Mostly inside the arena, sometimes a mapping where the kernel chose, rarely nonsense.
    private ulong Pick()
    {
        uint kind = random.Below(20);
        if (kind < 14)
            return Arena + (Page * random.Below(ArenaPages));
        if (kind < 18)
        {
            uint index = random.Below((uint)grown.Length);
            return grown[index] == 0 ? Arena + Page : grown[index] + (Page * random.Below(grownPages[index] + 1));
        }

        if (kind > 18)
            return random.Below(3) * Page;
        ulong page = Arena + (Page * random.Below(ArenaPages));
        return page + 1 + random.Below((uint)Page - 1);
    }

    private ulong Length() => random.Below(12) switch
    {
        0 => 0,
        1 => 1 + (ulong)random.Below(3 * (uint)Page),
        _ => Page * (1 + (ulong)random.Below(9)),
    };

    private ProtFlags Prot() => Prots[random.Below((uint)Prots.Length)];

    private void Remember(ulong length)
    {
        if (new SyscallResult(result).IsError)
            return;
        uint index = random.Below((uint)grown.Length);
        grown[index] = (ulong)result;
        grownPages[index] = (uint)((length + Page - 1) / Page);
    }
}
