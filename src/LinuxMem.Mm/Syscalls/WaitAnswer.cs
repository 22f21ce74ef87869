using System.Buffers.Binary;
using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls.User;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Syscalls;

/// <summary>wait4 and waitid that write how a child ended and what it used.</summary>
/// <remarks>
/// Linux: kernel/exit.c: wait_task_zombie, kernel_wait4, SYSCALL_DEFINE5(waitid), v6.18. No core is ever
/// dumped.
/// </remarks>
internal sealed class WaitAnswer
{
    private const ulong NoHang = 1;
    private const int InfoBytes = 28; // siginfo_t up to si_status
    private const int CldExited = 1, CldKilled = 2;
    private readonly TaskExit exit;
    private readonly UserStructs structs;
    private readonly int kbShift;

    internal WaitAnswer(TaskExit exit, UserStructs structs, int pageShift)
    {
        this.exit = exit;
        this.structs = structs;
        kbShift = pageShift - 10;
    }

    /// <summary>Waits for one of the children that are meant, and writes what the caller asks for.</summary>
    /// <param name="context">wait4 or waitid, whose arguments have been checked.</param>
    /// <param name="pid">Whom it means, as wait4 is told.</param>
    /// <param name="options">W* options.</param>
    /// <param name="place">Where the status, or the siginfo, goes; 0 for nowhere.</param>
    /// <param name="usage">Where the usage goes; 0 for nowhere.</param>
    /// <param name="asks">Whether EAGAIN is to tell that no child has ended.</param>
    internal SyscallEffect Begin(
        in SyscallContext context, int pid, ulong options, ulong place, ulong usage, bool asks)
    {
        var call = new CallProgress(context);
        call.Steps = Run(call, pid, options, place, usage, asks);
        return new SyscallEffect(TrapAction.Resume, Call: call);
    }

    private IEnumerator<PageLookup> Run(
        CallProgress call, int pid, ulong options, ulong place, ulong usage, bool asks)
    {
        bool isWaitId = call.Request.Nr == SyscallNr.Waitid;
        ThreadGroup? child;
        while (!exit.TryWait(call.Task, pid, options, out SyscallResult result, out child) || result.IsError)
        {
            bool mayWait = !result.IsError && (options & NoHang) == 0 && !asks;
            if (mayWait && !call.IsInterrupted && !call.Task.Signals.HasDeliverable)
            {
                call.Task.WaitPid = pid;
                call.Task.WaitOptions = options;
                call.WaitsForChild = true;
                yield return PageLookup.Wait;
                call.WaitsForChild = false;
                continue;
            }

            call.Result = mayWait ? SyscallResult.Fail(Errno.EINTR)
                : asks && !result.IsError ? SyscallResult.Fail(Errno.EAGAIN) : result;
            if (!call.Result.IsError && isWaitId && place != 0)
            {
                for (var none = structs.Finish(call, place, new byte[InfoBytes]); none.MoveNext();)
                    yield return none.Current;
            }

            yield break;
        }

        call.Return(isWaitId ? 0 : child!.Pid);
        bool isWrong = false;
        // wait4 tells how before it tells how much, waitid the other way.
        foreach (bool isUsage in isWaitId ? (bool[])[true, false] : [false, true])
        {
            ulong at = isUsage ? usage : place;
            if (at == 0 || isWrong)
                continue;
            byte[] bytes = isUsage ? UsageOf(child!) : isWaitId ? InfoOf(child!) : StatusOf(child!);
            for (var write = structs.Write(call, at, bytes); write.MoveNext();)
                yield return write.Current;
            isWrong = call.Copied < (ulong)bytes.Length;
        }

        if (isWrong)
            call.Fail(Errno.EFAULT);
    }

    private static byte[] StatusOf(ThreadGroup child)
    {
        byte[] bytes = new byte[4];
        int status = child.ExitSignal == Signal.None ? (child.ExitCode & 0xff) << 8 : (int)child.ExitSignal;
        BinaryPrimitives.WriteInt32LittleEndian(bytes, status);
        return bytes;
    }

    private static byte[] InfoOf(ThreadGroup child)
    {
        bool isKilled = child.ExitSignal != Signal.None;
        byte[] bytes = new byte[InfoBytes];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, (int)Signal.SigChld);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), isKilled ? CldKilled : CldExited);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), child.Pid);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(20), child.Uid);
        int status = isKilled ? (int)child.ExitSignal : child.ExitCode & 0xff;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(24), status);
        return bytes;
    }

    // What it used itself, and those of its children that it waited for.
    private byte[] UsageOf(ThreadGroup child)
    {
        ReapedUsage all = default(ReapedUsage).With(child);
        return UsageBytes.Of(all.Cpu, all.MaxRssPages << kbShift, all.MinFlt, all.MajFlt);
    }
}
