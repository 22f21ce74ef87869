using System.Globalization;
using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Checking;

/// <summary>A signal that a memory access causes.</summary>
internal readonly record struct SignalFact(Signal Signal, SignalCode Code, ulong Address)
{
    /// <summary>Reads it from the log; false for a signal of another cause.</summary>
    internal static bool TryRead(StraceEvent signal, out SignalFact fact)
    {
        StraceValue info = ValueParser.Value(signal.ArgumentText);
        StraceValue? code = info.Member("si_code");
        StraceValue? address = info.Member("si_addr");
        fact = default;
        if (code is null || address is not { IsNumber: true })
            return false;
        (Signal Signal, SignalCode Code)? known = code.ToString() switch
        {
            "SEGV_MAPERR" => (Signal.SigSegv, SignalCode.SegvMapErr),
            "SEGV_ACCERR" => (Signal.SigSegv, SignalCode.SegvAccErr),
            "BUS_ADRERR" => (Signal.SigBus, SignalCode.BusAdrErr),
            _ => null,
        };
        if (known is not { } pair)
            return false;
        fact = new SignalFact(pair.Signal, pair.Code, address.Number);
        return true;
    }

    /// <summary>What <see cref="TracerCalls.Touch"/> answers.</summary>
    internal static SignalFact Of(in SyscallResult answer, ulong address) =>
        answer.Value <= 0 ? default
            : new SignalFact((Signal)(answer.Value & 0xffff), (SignalCode)(answer.Value >> 16), address);

    /// <inheritdoc/>
    public override string ToString() => Signal == Signal.None
        ? "no signal"
        : string.Create(CultureInfo.InvariantCulture, $"{Signal} {Code} at 0x{Address:x}");
}
