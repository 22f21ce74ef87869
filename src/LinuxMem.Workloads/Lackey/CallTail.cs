namespace LinuxMem.Workloads.Lackey;

/// <summary>What follows a call on its line, or on one of its own: ` --> [pre-success] Success(0x4a29000) `.</summary>
/// <param name="Outcome">How it ended; unknown if it goes on asynchronously.</param>
/// <param name="Result">Value or errno.</param>
/// <param name="IsAsync">Whether the result comes on a later line.</param>
internal readonly record struct CallTail(LackeyOutcome Outcome, ulong Result, bool IsAsync)
{
    /// <summary>Reads a tail.</summary>
    /// <param name="text">Text from the arrow, or from [sync] or [async] before it.</param>
    /// <param name="tail">The tail.</param>
    /// <param name="length">Its length, with one space after it.</param>
    internal static bool TryParse(ReadOnlySpan<byte> text, out CallTail tail, out int length)
    {
        tail = default;
        length = 0;
        var reader = new LineReader(text);
        _ = reader.Skip("[sync]"u8) || reader.Skip("... [async]"u8);
        if (!reader.Skip(" --> "u8))
            return false;
        if (reader.Skip("[async] ..."u8))
        {
            tail = new CallTail(LackeyOutcome.Unknown, 0, IsAsync: true);
        }
        else
        {
            _ = reader.Skip("[pre-success] "u8) || reader.Skip("[pre-fail] "u8);
            if (!TryParseResult(ref reader, out tail))
                return false;
        }

        reader.Skip(" "u8);
        length = reader.At;
        return true;
    }

    private static bool TryParseResult(ref LineReader reader, out CallTail tail)
    {
        tail = new CallTail(LackeyOutcome.NoResult, 0, IsAsync: false);
        if (reader.Skip("NoWriteResult"u8))
            return true;
        LackeyOutcome outcome;
        if (reader.Skip("Success(0x"u8))
            outcome = LackeyOutcome.Success;
        else if (reader.Skip("Failure(0x"u8))
            outcome = LackeyOutcome.Failure;
        else
            return false;
        if (!reader.Hex(out ulong value) || !reader.Skip(")"u8))
            return false;
        tail = new CallTail(outcome, value, IsAsync: false);
        return true;
    }
}
