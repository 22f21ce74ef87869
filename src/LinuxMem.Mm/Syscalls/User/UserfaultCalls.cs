using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Userfault;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>userfaultfd, and the ioctls on its descriptors that register ranges.</summary>
/// <remarks>
/// Linux: fs/userfaultfd.c: new_userfaultfd, userfaultfd_ioctl, userfaultfd_api, userfaultfd_register,
/// userfaultfd_unregister, v6.18. Missing pages are reported, and those that are there already (minor faults);
/// no event but page faults is ever reported.
/// </remarks>
public sealed class UserfaultCalls
{
    private const ulong UserModeOnly = 1, NonBlock = 0x800, CloseOnExec = 0x80000;
    private const ulong Api = 0xaa, AllFeatures = 0x1_ffff, ForkFeature = UserfaultContext.EventForkFeature;
    private const ulong AsyncWpFeature = 1 << 15;
    private const ulong ModeMissing = 1, ModeWp = 2, ModeMinor = 4;
    private const ulong ApiIoctls = 0x8000_0000_0000_0003;
    private const ulong RangeIoctls = 0x1fc, BasicIoctls = 0x14c;
    private const ulong WriteProtectIoctl = 1 << 6, ContinueIoctl = 1 << 7;
    private readonly FileServices services;
    private readonly UserStructs structs;
    private readonly UserfaultFill fill;
    private readonly UserfaultProtect protect;
    private readonly UserfaultMove move;
    private readonly List<TaskStruct> woken;

    /// <summary>With the machine's services; who may go on is added to <paramref name="woken"/>.</summary>
    public UserfaultCalls(FileServices services, UserStructs structs, PageMapper mapper, AnonVmas anonVmas,
        List<TaskStruct> woken)
    {
        this.services = services;
        this.structs = structs;
        this.woken = woken;
        fill = new UserfaultFill(services, structs, mapper);
        protect = new UserfaultProtect(services.Memory, mapper, structs, fill);
        move = new UserfaultMove(services, mapper, anonVmas, structs, fill);
        Scan = new PagemapScan(services, structs, protect);
    }

    /// <summary>ioctl on /proc/PID/pagemap, which protects pages too.</summary>
    internal PagemapScan Scan { get; }

    /// <summary>
    /// userfaultfd(flags): a descriptor. EPERM: faults of the kernel without CAP_SYS_PTRACE; EINVAL: flags; EMFILE.
    /// </summary>
    public SyscallResult Open(CallProgress call)
    {
        ulong flags = (uint)call.Request.A0;
        bool userMode = (flags & UserModeOnly) != 0;
        if (!userMode && !call.Task.Credentials.Has(Capabilities.SysPtrace))
            return SyscallResult.Fail(Errno.EPERM);
        if ((flags & ~(UserModeOnly | NonBlock | CloseOnExec)) != 0)
            return SyscallResult.Fail(Errno.EINVAL);
        int fd = OpenCalls.NewDescriptor(call, call.Operands?.WantedId);
        if (fd < 0)
            return new SyscallResult(fd);
        const string path = "anon_inode:[userfaultfd]";
        Inode inode = services.Names.Objects.Create(InodeKind.Anonymous, path);
        var context = new UserfaultContext(call.Mm, userMode, woken, services.Memory.Geometry.PageOffsetMask);
        inode.Userfault = context;
        (call.Mm.Userfaults ??= []).Add(context);
        var file = new OpenFile(inode, (OpenFlags)flags & OpenFlags.NonBlock, path);
        call.Task.Files.Install(fd, file, (flags & CloseOnExec) != 0);
        return new SyscallResult(fd);
    }

    /// <summary>Whether ioctl is called on such a descriptor.</summary>
    public static bool IsOne(CallProgress call) =>
        call.Task.Files.Find((uint)call.Request.A0) is { Inode.Userfault: not null };

    /// <summary>
    /// ioctl(fd, command, structure). EINVAL: no such command, or none before UFFDIO_API; EFAULT; what the command
    /// answers. Precondition: <see cref="IsOne"/>.
    /// </summary>
    public IEnumerator<PageLookup> Control(CallProgress call)
    {
        UserfaultContext context = call.Task.Files.Find((uint)call.Request.A0)!.Inode.Userfault!;
        uint command = (uint)call.Request.A1;
        if (command != UserfaultCommand.Api && !context.IsInitialized)
            return FileServices.Fail(call, Errno.EINVAL);
        return command switch
        {
            UserfaultCommand.Api => Start(call, context),
            UserfaultCommand.Register => Register(call, context),
            UserfaultCommand.Unregister => Unregister(call, context),
            UserfaultCommand.WriteProtect => protect.Invoke(call, context),
            UserfaultCommand.Move => move.Invoke(call, context),
            UserfaultCommand.Wake or UserfaultCommand.Copy or UserfaultCommand.ZeroPage
                or UserfaultCommand.Continue or UserfaultCommand.Poison => fill.Invoke(call, context, command),
            _ => FileServices.Fail(call, Errno.EINVAL),
        };
    }

    // struct uffdio_api: api, features, ioctls. What is refused is written as zeros.
    private IEnumerator<PageLookup> Start(CallProgress call, UserfaultContext context)
    {
        ulong[] words = new ulong[3];
        for (var read = structs.Read(call, call.Request.A2, words); read.MoveNext();)
            yield return read.Current;
        if (call.Copied < 24)
        {
            call.Fail(Errno.EFAULT);
            yield break;
        }

        Errno error = words[0] != Api ? Errno.EINVAL
            : (words[1] & ForkFeature) != 0 && !call.Task.Credentials.Has(Capabilities.SysPtrace) ? Errno.EPERM
            : (words[1] & ~AllFeatures) != 0 ? Errno.EINVAL : Errno.None;
        byte[] answer = error == Errno.None ? UserStructs.Bytes(Api, AllFeatures, ApiIoctls) : new byte[24];
        for (var write = structs.Finish(call, call.Request.A2, answer); write.MoveNext();)
            yield return write.Current;
        if (call.Result.IsError)
            yield break;
        if (error == Errno.None && !context.Initialize(words[1]))
            error = Errno.EINVAL;
        if (error != Errno.None)
            call.Fail(error);
    }

    // struct uffdio_register: start, length, mode, ioctls.
    private IEnumerator<PageLookup> Register(CallProgress call, UserfaultContext context)
    {
        ulong[] words = new ulong[3];
        for (var read = structs.Read(call, call.Request.A2, words); read.MoveNext();)
            yield return read.Current;
        if (call.Copied < 24)
        {
            call.Fail(Errno.EFAULT);
            yield break;
        }

        ulong start = words[0], end = words[0] + words[1], mode = words[2];
        bool huge = false;
        Errno error = mode == 0 || (mode & ~(ModeMissing | ModeWp | ModeMinor)) != 0 ? Errno.EINVAL
            : fill.CheckRange(words[0], words[1]);
        if (error == Errno.None)
            error = CheckMappings(context, start, end, mode, out huge);
        if (error == Errno.None)
            error = UserfaultRanges.Mark(context.Mm, start, end, MarksOf(mode));
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        context.Add(start, end);
        ulong ioctls = huge ? BasicIoctls : RangeIoctls;
        ioctls &= (mode & ModeWp) != 0 ? ulong.MaxValue : ~WriteProtectIoctl;
        ioctls &= (mode & ModeMinor) != 0 ? ulong.MaxValue : ~ContinueIoctl;
        for (var write = structs.Finish(call, call.Request.A2 + 24, UserStructs.Bytes(ioctls)); write.MoveNext();)
            yield return write.Current;
    }

    private static VmFlags MarksOf(ulong mode) => ((mode & ModeMissing) != 0 ? VmFlags.UffdMissing : VmFlags.None)
        | ((mode & ModeWp) != 0 ? VmFlags.UffdWp : VmFlags.None)
        | ((mode & ModeMinor) != 0 ? VmFlags.UffdMinor : VmFlags.None);

    private static Errno CheckMappings(UserfaultContext context, ulong start, ulong end, ulong mode, out bool huge)
    {
        huge = false;
        bool any = false;
        for (ulong at = start; at < end;)
        {
            Vma? vma = context.Mm.Vmas.Tree.FindIntersection(at, end);
            if (vma is null)
                break;
            any = true;
            bool isHuge = (vma.Flags & VmFlags.HugeTlb) != 0;
            huge |= isHuge;
            if (!MayRegister(vma, mode, context.Features))
                return Errno.EINVAL;
            if ((vma.Flags & VmFlags.MayWrite) == 0)
                return Errno.EPERM;
            ulong hugeMask = isHuge ? Hugetlb.HugeMemory.BytesOf(vma) - 1 : 0;
            if ((Math.Max(start, vma.Start) & hugeMask) != 0 || (Math.Min(end, vma.End) & hugeMask) != 0)
                return Errno.EINVAL;
            bool isTaken = (vma.Flags & UserfaultRanges.Mask) != 0
                && UserfaultRanges.Find(context.Mm, Math.Max(at, vma.Start)) != context;
            if (isTaken)
                return Errno.EBUSY;
            at = vma.End;
        }

        return any ? Errno.None : Errno.EINVAL;
    }

    // Linux: include/linux/userfaultfd_k.h: vma_can_userfault, v6.18.
    private static bool MayRegister(Vma vma, ulong mode, ulong features)
    {
        bool isShmem = vma.Mapping is { IsShmem: true } && vma.Mapping is not { Host.IsSecret: true };
        bool isHuge = (vma.Flags & VmFlags.HugeTlb) != 0;
        if ((vma.Flags & VmFlags.Droppable) != 0 || ((mode & ModeMinor) != 0 && !isHuge && !isShmem))
            return false;
        if (mode == ModeWp && (features & AsyncWpFeature) != 0)
            return true;
        return (vma.Mapping is null && vma.Name is null) || isShmem || isHuge;
    }

    // struct uffdio_range: start, length.
    private IEnumerator<PageLookup> Unregister(CallProgress call, UserfaultContext context)
    {
        ulong[] words = new ulong[2];
        for (var read = structs.Read(call, call.Request.A2, words); read.MoveNext();)
            yield return read.Current;
        if (call.Copied < 16)
        {
            call.Fail(Errno.EFAULT);
            yield break;
        }

        ulong start = words[0], end = words[0] + words[1];
        Errno error = fill.CheckRange(words[0], words[1]);
        if (error == Errno.None)
            error = CheckRegistered(context, start, end);
        if (error == Errno.None)
            error = UserfaultRanges.Mark(context.Mm, start, end, VmFlags.None);
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        context.Remove(start, end);
        context.Wake(start, end);
        call.Return(0);
    }

    private static Errno CheckRegistered(UserfaultContext context, ulong start, ulong end)
    {
        bool any = false;
        for (ulong at = start; at < end;)
        {
            Vma? vma = context.Mm.Vmas.Tree.FindIntersection(at, end);
            if (vma is null)
                break;
            any = true;
            bool isOthers = (vma.Flags & UserfaultRanges.Mask) != 0
                && UserfaultRanges.Find(context.Mm, Math.Max(at, vma.Start)) != context;
            ulong mode = (vma.Flags & UserfaultRanges.Mask) == VmFlags.UffdWp ? ModeWp : 0;
            if (isOthers || !MayRegister(vma, mode, context.Features))
                return Errno.EINVAL;
            at = vma.End;
        }

        return any ? Errno.None : Errno.EINVAL;
    }
}
