using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Tests.Syscalls;

public partial class AddressSpaceFuzz
{
    /// <summary>The calls that change what happens later (at a fork, at a fault), and those that only look.</summary>
    private sealed partial class Run
    {
        private const int MlockOnFault = 1;

        private void DoMore(TaskStruct task, AddressSpaceModel model, ulong page, ulong length, int what)
        {
            switch (what)
            {
                case < 103:
                    Advise(task, model, page, length, Advice.WipeOnFork);
                    break;
                case < 105:
                    Advise(task, model, page, length, what == 103 ? Advice.KeepOnFork : Advice.DoFork);
                    break;
                case < 107:
                    Advise(task, model, page, length, Advice.Free);
                    break;
                case < 111:
                    Punch(task, model, page, length);
                    break;
                case < 117:
                    Populate(task, model, page, length, (what & 1) != 0);
                    break;
                case < 120:
                    Errno locked = model.Lock(page, length, locks: true, IsBeyond);
                    // Nothing is faulted in, and nothing can fail to be.
                    if (!model.HasHole(page, length))
                        locked = Errno.None;
                    Expect(task, locked, SyscallNr.Mlock2, Va(page), Va(length), MlockOnFault);
                    break;
                case < 122:
                    foreach (ulong known in model.Pages.Keys.ToList())
                        model.Pages[known] = model.Pages[known] with { Locked = false };
                    Expect(task, Errno.None, SyscallNr.Munlockall, 0, 0);
                    break;
                default:
                    Look(task, model, page, length);
                    break;
            }
        }

        private static bool Refuses(Advice advice, ModelPage page) => advice switch
        {
            Advice.DontNeed or Advice.GuardInstall => page.Locked,
            Advice.Free => page.Locked || page.SharedId != 0,
            Advice.WipeOnFork => page.SharedId != 0,
            Advice.Remove => page.Locked || page.SharedId == 0,
            _ => false,
        };

        // MADV_REMOVE: the object's pages go, for everybody who maps them.
        private void Punch(TaskStruct task, AddressSpaceModel model, ulong page, ulong length)
        {
            for (ulong i = 0; i < length; i++)
            {
                if (!model.Pages.TryGetValue(page + i, out ModelPage content))
                    continue;
                if (Refuses(Advice.Remove, content))
                    break;
                shared[(content.SharedId, content.Index)] = 0;
            }

            Advise(task, model, page, length, Advice.Remove);
        }

        private void Populate(TaskStruct task, AddressSpaceModel model, ulong page, ulong length, bool write)
        {
            Errno error = Errno.None;
            ProtFlags needed = write ? ProtFlags.Write : ProtFlags.Read;
            for (ulong i = 0; i < length && error == Errno.None; i++)
            {
                if (!model.Pages.TryGetValue(page + i, out ModelPage content))
                    error = Errno.ENOMEM;
                else if ((content.Prot & needed) == 0)
                    error = Errno.EINVAL;
                else if (content.Guarded || IsBeyond(content))
                    error = Errno.EFAULT;
            }

            Advice advice = write ? Advice.PopulateWrite : Advice.PopulateRead;
            Expect(task, error, SyscallNr.Madvise, Va(page), Va(length), (ulong)advice);
        }

        // mincore tells of private pages that are mapped, and of shared ones that are anywhere.
        private void Look(TaskStruct task, AddressSpaceModel model, ulong page, ulong length)
        {
            var operands = new SyscallOperands { BuffersUnknown = true, WantsCopied = true };
            rig.Trap(task, new SyscallRequest
            {
                Nr = SyscallNr.Mincore,
                A0 = Va(page),
                A1 = Va(length),
                A2 = 0x5000_0000,
                Operands = operands,
            });
            bool hole = model.HasHole(page, length);
            Assert.Equal(hole ? Errno.ENOMEM : Errno.None, task.Result.Errno);
            for (int i = 0; !hole && i < (int)length; i++)
            {
                ModelPage content = model.Pages[page + (ulong)i];
                ulong entry = rig.Entry(task.Mm, Va(page + (ulong)i));
                bool mapped = entry != 0 && entry != rig.Geometry.Format.GuardEntry;
                bool stored = content.SharedId != 0 && !content.Guarded && !IsBeyond(content) && ValueOf(content) != 0;
                bool told = (operands.Copied[i] & 1) != 0;
                Assert.True(told || !(mapped || stored), $"page {i} of {length} is in memory, and mincore denies it");
                Assert.True(!told || mapped || content.SharedId != 0, $"page {i} of {length} is not in memory");
            }
        }

        private static void CheckFlags(Vma? vma, ModelPage content)
        {
            Assert.NotNull(vma);
            const ProtFlags both = ProtFlags.Read | ProtFlags.Write;
            Assert.Equal(content.Prot & both, (ProtFlags)(int)(vma.Flags & VmFlags.AccessMask) & both);
            Assert.Equal(content.SharedId != 0, (vma.Flags & VmFlags.Shared) != 0);
            Assert.Equal(content.DontFork, (vma.Flags & VmFlags.DontCopy) != 0);
            Assert.Equal(content.WipeOnFork, (vma.Flags & VmFlags.WipeOnFork) != 0);
            Assert.Equal(content.Locked, (vma.Flags & VmFlags.Locked) != 0);
        }
    }
}
