using LinuxMem.Abi;

namespace LinuxMem.Workloads.Programs.Steps;

/// <summary>A call on a region or a part of it.</summary>
/// <param name="Region">Name of the region.</param>
/// <param name="Offset">Bytes from its start.</param>
/// <param name="Bytes">Length; null to the region's end.</param>
public abstract record RegionCallStep(string Region, ulong Offset, ulong? Bytes) : CallStep
{
    private protected (ulong Start, ulong Bytes) Range(StepContext context)
    {
        // Not cut to the region: a call that reaches beyond it is the kernel's to judge.
        Region whole = context.Regions.Find(Region);
        ulong rest = whole.Bytes > Offset ? whole.Bytes - Offset : 0;
        return (whole.Start + Offset, Bytes ?? rest);
    }
}

/// <summary>munmap. The region keeps its name, so that later steps can walk into the hole.</summary>
public sealed record MunmapStep(string Region, ulong Offset = 0, ulong? Bytes = null)
    : RegionCallStep(Region, Offset, Bytes)
{
    private protected override SyscallRequest Call(StepContext context)
    {
        (ulong start, ulong bytes) = Range(context);
        return new SyscallRequest { Nr = SyscallNr.Munmap, A0 = start, A1 = bytes };
    }
}

/// <summary>mprotect.</summary>
public sealed record MprotectStep(string Region, ProtFlags Prot, ulong Offset = 0, ulong? Bytes = null)
    : RegionCallStep(Region, Offset, Bytes)
{
    private protected override SyscallRequest Call(StepContext context)
    {
        (ulong start, ulong bytes) = Range(context);
        return new SyscallRequest { Nr = SyscallNr.Mprotect, A0 = start, A1 = bytes, A2 = (ulong)Prot };
    }
}

/// <summary>madvise.</summary>
public sealed record MadviseStep(string Region, Advice Advice, ulong Offset = 0, ulong? Bytes = null)
    : RegionCallStep(Region, Offset, Bytes)
{
    private protected override SyscallRequest Call(StepContext context)
    {
        (ulong start, ulong bytes) = Range(context);
        return new SyscallRequest { Nr = SyscallNr.Madvise, A0 = start, A1 = bytes, A2 = (ulong)Advice };
    }
}
