using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Mm.Tests.Locks;

/// <summary>Who reads what another process maps holds up its changes, as far as Linux 6.18 does.</summary>
public sealed class ProcReaderLocksSpec : IDisposable
{
    private const ulong Buffer = KernelRig.Arena;
    private readonly KernelRig rig = new(cpus: 2);
    private readonly TaskStruct seen;
    private readonly TaskStruct reader;

    public ProcReaderLocksSpec()
    {
        seen = rig.Start(image: new ImageSpec());
        reader = rig.Start(image: new ImageSpec());
        rig.Map(reader, Buffer, 8);
        rig.Map(seen, Buffer, 64);
        for (ulong page = 0; page < 64; page++)
            rig.Access(seen, Buffer + (page * rig.Page), AccessKind.Write);
    }

    public void Dispose() => rig.Dispose();

    [Theory]
    [InlineData("smaps")]
    [InlineData("smaps_rollup")]
    public void Reading_smaps_takes_the_mmap_lock_of_who_is_looked_at_and_a_writer_waits(string file)
    {
        Read(file);
        Assert.True(seen.Mm.IsVisited);
        rig.Map(seen, 0x3000_0000, 1);
        Assert.Contains(rig.Memory.Locks.Statistics.Report(call => $"{call}").Calls,
            c => c is { Class: "mmap_lock", Writes: true, Waits.TotalNs: > 0 });
    }

    [Fact]
    public void Reading_maps_takes_no_lock_of_the_address_space()
    {
        Read("maps");
        Assert.False(seen.Mm.IsVisited);
        rig.Map(seen, 0x3000_0000, 1);
        LockReport locks = rig.Memory.Locks.Statistics.Report(call => $"{call}");
        Assert.DoesNotContain(locks.Calls, c => c.Class == "mmap_lock");
    }

    private void Read(string file)
    {
        string path = $"/proc/{seen.Group.Pid}/{file}";
        int fd = (int)rig.Call(reader, SyscallNr.Open, file: path).Value;
        Assert.True(fd >= 0);
        Assert.True(rig.Call(reader, SyscallNr.Read, (ulong)fd, Buffer, 8 * rig.Page).Value > 0);
    }
}
