using LinuxMem.Abi;

namespace LinuxMem.Actors.Tests.Auditing.Screening;

/// <summary>
/// Maps memory, writes it, forks, writes it again with its child, and unmaps half of it; some times over.
/// </summary>
internal sealed class ForkingProgram(int rounds, bool isChild = false) : IProgram
{
    private const int Pages = 48;
    private ulong memory;
    private int step;
    private int left = rounds;

    public string Comm => "forking";

    public ImageSpec Image => ImageSpec.Default;

    public void Start(in ProgramStart start)
    {
    }

    public void Next(AccessBatch batch, in SyscallResult last)
    {
        if (isChild)
        {
            batch.AddRun(AccessKind.Write, memory, 2 << 12, Pages / 2);
            Call(batch, SyscallNr.ExitGroup, 0);
            return;
        }

        switch (step++)
        {
            case 0:
                const ulong writable = (ulong)(ProtFlags.Read | ProtFlags.Write);
                Call(batch, SyscallNr.Mmap, 0, Pages << 12, writable, (ulong)(MapFlags.Private | MapFlags.Anonymous));
                break;
            case 1:
                memory = (ulong)last.Value;
                batch.AddRun(AccessKind.Read, memory, 3 << 12, Pages / 3);
                batch.AddRun(AccessKind.Write, memory, 1 << 12, Pages);
                batch.SetCall(new SyscallRequest
                {
                    Nr = SyscallNr.Fork,
                    Child = new ForkingProgram(0, isChild: true) { memory = memory },
                });
                break;
            case 2:
                batch.AddRun(AccessKind.Write, memory, 1 << 12, Pages);
                Call(batch, SyscallNr.Mprotect, memory, 8 << 12, (ulong)ProtFlags.Read);
                break;
            case 3:
                batch.AddRun(AccessKind.Read, memory, 1 << 12, Pages);
                Call(batch, SyscallNr.Munmap, memory, (Pages / 2) << 12);
                break;
            case 4:
                Call(batch, SyscallNr.Wait4, ulong.MaxValue);
                break;
            default:
                step = 0;
                Call(batch, --left > 0 ? SyscallNr.SchedYield : SyscallNr.ExitGroup, 0);
                break;
        }
    }

    private static void Call(AccessBatch batch, SyscallNr nr, ulong a0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0) =>
        batch.SetCall(new SyscallRequest { Nr = nr, A0 = a0, A1 = a1, A2 = a2, A3 = a3, A4 = ulong.MaxValue });
}
