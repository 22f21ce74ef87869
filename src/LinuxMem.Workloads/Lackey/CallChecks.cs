using LinuxMem.Abi;

namespace LinuxMem.Workloads.Lackey;

/// <summary>Whether a system-call line can be one.</summary>
internal static class CallChecks
{
    /// <summary>Looks at a call that was read from one line. Returns null, or what is wrong with it.</summary>
    /// <param name="call">What was read.</param>
    /// <param name="body">The line after its head.</param>
    /// <param name="hasTail">Whether it has a tail.</param>
    /// <param name="rest">Where the tail ends in the body.</param>
    /// <param name="hasString">Whether an argument shows a string.</param>
    /// <param name="terminated">Whether the line has a line feed.</param>
    internal static string? Find(
        LackeyCall call, ReadOnlySpan<byte> body, bool hasTail, int rest, bool hasString, bool terminated)
    {
        if (hasTail && !IsGluable(body[rest..]))
            return "text after the result that is no line";
        if (!hasTail && WrongWithoutTail(call, body, hasString, terminated) is { } wrong)
            return wrong;
        // A string may still be going on, and its arguments with it.
        return call.ArgCount < ArgsMin(call.Nr) && !hasString && !IsUnknown(body) ? "too few arguments" : null;
    }

    /// <summary>Whether text behind a result is nothing, or a whole line of another thread.</summary>
    internal static bool IsGluable(ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty)
            return true;
        if (AccessLines.HasPrefix(rest))
            return AccessLines.Parse(rest, out _, out _) is null;
        return CallLines.TryParseHead(rest, out _, out _, out _, out _) || CallLines.IsValgrindsWord(rest, out _);
    }

    private static string? WrongWithoutTail(LackeyCall call, ReadOnlySpan<byte> body, bool hasString, bool terminated)
    {
        if (IsUnknown(body))
            return terminated ? null : "cut off";
        var trimmed = body.TrimEnd((byte)' ');
        bool closed = trimmed.EndsWith(")"u8) || call.CreatedPid > 0;
        if (!terminated)
            return closed ? null : "cut off";
        return closed || hasString ? null : "neither arguments nor a result";
    }

    /// <summary>
    /// Whether valgrind says that it knows no such call: `unimplemented (by the kernel) syscall: 334! (ni_syscall)`.
    /// </summary>
    private static bool IsUnknown(ReadOnlySpan<byte> body) =>
        body.StartsWith("unimplemented"u8) || body.StartsWith("unhandled"u8);

    /// <summary>The arguments without which a call cannot be replayed.</summary>
    private static int ArgsMin(int nr) => (SyscallNr)nr switch
    {
        SyscallNr.Mmap => 6,
        SyscallNr.Mremap => 4,
        SyscallNr.Mprotect or SyscallNr.Madvise => 3,
        SyscallNr.Munmap => 2,
        SyscallNr.Brk or SyscallNr.Clone or SyscallNr.Wait4 => 1,
        _ => 0,
    };
}
