using LinuxMem.Abi;
using LinuxMem.Arch.Memory;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Support;

/// <summary>
/// Processes that share a file on a slow disk: some write and sync it, some store to it through mappings, some read
/// what others threw out, all under dirty limits that keep the flusher busy.
/// </summary>
internal static class DiskScenario
{
    private const ulong Page = 4096;

    public static Scenario Make() => new()
    {
        Name = "disks",
        Seed = 5,
        Machine = new MachineSettings
        {
            Cpus = 3,
            MemoryBytes = 16 << 20,
            Contents = ContentMode.Tags,
            SliceNs = 100_000,
            Vm = new VmSettings { DirtyBackgroundRatio = 1, DirtyRatio = 4, DirtyExpireCentisecs = 10 },
            Disks =
            [
                BlockDeviceSettings.Ssd with { BytesPerSecond = 60_000_000, Channels = 2 },
                BlockDeviceSettings.Nvme,
            ],
        },
        Processes =
        [
            new ProcessSpec(() => new FileProgram(Write, "writer")),
            new ProcessSpec(() => new FileProgram(Store, "storer"), 3_000),
            new ProcessSpec(() => new FileProgram(Store, "storer"), 70_000),
            new ProcessSpec(() => new FileProgram(Read, "reader"), 500_000),
            new ProcessSpec(() => new FileProgram(Write, "writer"), 900_000),
        ],
    };

    private static IEnumerable<Action<AccessBatch>> Write(FileProgram p)
    {
        yield return FileProgram.Open("/shared");
        for (ulong i = 0; i < 24; i++)
        {
            yield return p.Write(64 << 10, i % 8 * (64 << 10));
            if (i % 5 == 4)
                yield return p.Fsync();
        }
    }

    private static IEnumerable<Action<AccessBatch>> Store(FileProgram p)
    {
        yield return FileProgram.Open("/shared");
        yield return p.Write(Page, 127 * Page);
        yield return p.Map(128 * Page, MapFlags.Shared);
        for (ulong i = 0; i < 40; i++)
        {
            yield return batch =>
            {
                for (ulong k = 0; k < 30; k++)
                    batch.AddRun(AccessKind.Write, FileProgram.Mapped + ((i * 7) + (k * 11)) % 128 * Page, 8, 100);
            };
            if (i % 10 == 9)
                yield return FileProgram.Call(SyscallNr.Msync, FileProgram.Mapped, 128 * Page, 4);
        }
    }

    private static IEnumerable<Action<AccessBatch>> Read(FileProgram p)
    {
        yield return FileProgram.Open("/old", new ExternalFile(ExternalKind.Regular, 4 << 20));
        yield return p.Map(1 << 20, MapFlags.Private);
        for (ulong i = 0; i < 20; i++)
        {
            yield return p.Read(200_000, i * 150_000);
            yield return p.Forget();
            yield return FileProgram.Touch(FileProgram.Mapped + (i * 12 * Page), Page, 6, AccessKind.Write);
        }
    }
}
