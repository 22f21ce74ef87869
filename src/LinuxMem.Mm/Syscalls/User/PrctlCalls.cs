using System.Text;
using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>The options of prctl that keep or tell something of a task and are not about memory.</summary>
/// <remarks>
/// Linux: kernel/sys.c: prctl; security/commoncap.c: cap_task_prctl, v6.18, on x86-64 without SCHED_CORE, ANON_VMA_NAME
/// and Yama. What is kept is told again, and has no other effect: no signal is sent at a parent's end, nobody adopts
/// orphans but init.
/// </remarks>
public sealed class PrctlCalls
{
    private const int CapabilitiesLast = 40; // CAP_LAST_CAP
    private const int NameBytes = 16;        // TASK_COMM_LEN
    private const ulong DefaultSlackNs = 50_000;
    private const int CapSetPcap = 8;
    private readonly UserStructs structs;
    private readonly FileServices services;

    /// <summary>With what reads and writes memory.</summary>
    public PrctlCalls(UserStructs structs, FileServices services)
    {
        this.structs = structs;
        this.services = services;
    }

    /// <summary>Carries an option out; null for one that is not modelled.</summary>
    public IEnumerator<PageLookup>? Invoke(CallProgress call)
    {
        SyscallRequest r = call.Request;
        PrctlState state = call.Task.Prctl;
        return (PrctlOption)r.A0 switch
        {
            PrctlOption.GetDeathSignal => Write(call, BitConverter.GetBytes(state.DeathSignal)),
            PrctlOption.GetTsc => Write(call, BitConverter.GetBytes(state.Tsc)),
            PrctlOption.GetChildSubreaper => Write(call, BitConverter.GetBytes(call.Task.Group.IsSubreaper ? 1 : 0)),
            PrctlOption.GetTidAddress => Write(call, BitConverter.GetBytes(call.Task.ClearChildTid)),
            PrctlOption.GetName => Write(call, NameOf(call.Task)),
            PrctlOption.SetName => SetName(call),
            _ => Simple(call, state) is { } result ? FileServices.Done(call, result) : null,
        };
    }

    private static SyscallResult? Simple(CallProgress call, PrctlState state)
    {
        SyscallRequest r = call.Request;
        bool hasRest = (r.A2 | r.A3 | r.A4) != 0;
        switch ((PrctlOption)r.A0)
        {
            case PrctlOption.SetDeathSignal:
                return Set(r.A1 <= 64, () => state.DeathSignal = (int)r.A1);
            case PrctlOption.GetDumpable:
                return new SyscallResult(call.Mm.Dumpable);
            case PrctlOption.SetDumpable:
                return Set(r.A1 <= 1, () => call.Mm.Dumpable = (int)r.A1);
            case PrctlOption.GetTiming or PrctlOption.PerfEventsDisable or PrctlOption.PerfEventsEnable
                or PrctlOption.GetSeccomp or PrctlOption.GetSecureBits:
                return default(SyscallResult);
            case PrctlOption.SetTiming:
                return Set(r.A1 == 0, static () => { });
            case PrctlOption.SetTsc:
                return Set(r.A1 is 1 or 2, () => state.Tsc = (int)r.A1);
            case PrctlOption.GetTimerSlack:
                return new SyscallResult((long)state.SlackNs);
            case PrctlOption.SetTimerSlack:
                return Set(true, () => state.SlackNs = (long)r.A1 > 0 ? r.A1 : DefaultSlackNs);
            case PrctlOption.SetChildSubreaper:
                return Set(true, () => call.Task.Group.IsSubreaper = r.A1 != 0);
            case PrctlOption.SetNoNewPrivs:
                return Set(r.A1 == 1 && !hasRest, () => state.NoNewPrivs = true);
            case PrctlOption.GetNoNewPrivs:
                return r.A1 != 0 || hasRest ? SyscallResult.Fail(Errno.EINVAL)
                    : new SyscallResult(state.NoNewPrivs ? 1 : 0);
            case PrctlOption.MceKill:
                return SetMceKill(r, state);
            case PrctlOption.MceKillGet:
                return r.A1 != 0 || hasRest ? SyscallResult.Fail(Errno.EINVAL) : new SyscallResult(state.MceKill);
            default:
                return Privileged(call, state) ?? (IsForeign((PrctlOption)r.A0)
                    ? SyscallResult.Fail(Errno.EINVAL) : null);
        }
    }

    private static SyscallResult? Privileged(CallProgress call, PrctlState state)
    {
        SyscallRequest r = call.Request;
        Credentials own = call.Task.Credentials;
        bool isCapability = r.A1 <= CapabilitiesLast;
        switch ((PrctlOption)r.A0)
        {
            case PrctlOption.CapBsetRead:
                return isCapability ? new SyscallResult((state.Bounding >> (int)r.A1) & 1) : Invalid;
            case PrctlOption.CapBsetDrop:
                if (!own.Has((Capabilities)(1UL << CapSetPcap)))
                    return SyscallResult.Fail(Errno.EPERM);
                return Set(isCapability, () => state.Bounding &= ~(1L << (int)r.A1));
            case PrctlOption.SetMm when !own.Has(Capabilities.SysResource):
                const ulong auxv = 12, map = 14, mapSize = 15;
                bool isWrong = r.A4 != 0 || (r.A3 != 0 && r.A1 is not (auxv or map or mapSize));
                return isWrong ? Invalid : r.A1 is map or mapSize ? null : SyscallResult.Fail(Errno.EPERM);
            case PrctlOption.SetIoFlusher or PrctlOption.GetIoFlusher when !own.Has(Capabilities.SysResource):
                return SyscallResult.Fail(Errno.EPERM);
            case PrctlOption.CapAmbient:
                return Ambient(r);
            default:
                return null;
        }
    }

    private static SyscallResult Invalid => SyscallResult.Fail(Errno.EINVAL);

    // Nothing is inheritable, so that nothing can be ambient.
    private static SyscallResult Ambient(in SyscallRequest r)
    {
        const ulong isSet = 1, raise = 2, lower = 3, clearAll = 4;
        if (r.A1 == clearAll)
            return (r.A2 | r.A3 | r.A4) != 0 ? Invalid : default;
        if (r.A2 > CapabilitiesLast || (r.A3 | r.A4) != 0 || r.A1 is not (isSet or raise or lower))
            return Invalid;
        return r.A1 == raise ? SyscallResult.Fail(Errno.EPERM) : default;
    }

    private static SyscallResult SetMceKill(in SyscallRequest r, PrctlState state)
    {
        const ulong clear = 0, set = 1;
        if ((r.A3 | r.A4) != 0 || (r.A1 == clear && r.A2 != 0) || r.A1 > set || (r.A1 == set && r.A2 > 2))
            return Invalid;
        state.MceKill = r.A1 == clear ? PrctlState.MceKillDefault : (int)r.A2;
        return default;
    }

    private static SyscallResult Set(bool isValid, Action set)
    {
        if (!isValid)
            return Invalid;
        set();
        return default;
    }

    // Options of other processors, and of what this kernel is built without.
    private static bool IsForeign(PrctlOption option) => option is PrctlOption.GetUnalign or PrctlOption.SetUnalign
        or PrctlOption.GetFpEmu or PrctlOption.SetFpEmu or PrctlOption.GetFpExc or PrctlOption.SetFpExc
        or PrctlOption.GetEndian or PrctlOption.SetEndian or PrctlOption.MpxEnable or PrctlOption.MpxDisable
        or PrctlOption.SetFpMode or PrctlOption.GetFpMode or PrctlOption.SveSetVl or PrctlOption.SveGetVl
        or PrctlOption.PacResetKeys or PrctlOption.SetTaggedAddr or PrctlOption.GetTaggedAddr
        or PrctlOption.PacSetEnabled or PrctlOption.PacGetEnabled or PrctlOption.SchedCore or PrctlOption.SmeSetVl
        or PrctlOption.SmeGetVl or PrctlOption.SetPtracer;

    private IEnumerator<PageLookup> Write(CallProgress call, byte[] bytes) =>
        structs.Finish(call, call.Request.A1, bytes);

    private static byte[] NameOf(TaskStruct task)
    {
        byte[] bytes = new byte[NameBytes];
        byte[] name = Encoding.UTF8.GetBytes(task.Prctl.Name ?? task.Group.Comm);
        name.AsSpan(0, Math.Min(name.Length, NameBytes - 1)).CopyTo(bytes);
        return bytes;
    }

    private IEnumerator<PageLookup> SetName(CallProgress call)
    {
        if (call.Operands?.Path is { } told)
        {
            call.Task.Prctl.Name = told;
            call.Return(0);
            yield break;
        }

        byte[] bytes = new byte[NameBytes - 1];
        int length = 0;
        for (; length < bytes.Length; length++)
        {
            ulong at = call.Request.A1 + (ulong)length;
            for (var copy = services.Copy.CopyFromUser(call, at, bytes.AsMemory(length, 1)); copy.MoveNext();)
                yield return copy.Current;
            if (call.Copied < 1)
            {
                call.Fail(Errno.EFAULT);
                yield break;
            }

            if (bytes[length] == 0)
                break;
        }

        call.Task.Prctl.Name = Encoding.UTF8.GetString(bytes, 0, length);
        call.Return(0);
    }
}
