#pragma warning disable CS1591 // Each says by its texts what it is; 'linuxmem faults' prints them.
namespace LinuxMem.Simulation.Faults;

/// <content>The actors that the machine is made of, and the messages between them. No fault of Linux's.</content>
public sealed partial class FaultPoint
{
    private static readonly FaultParameter Pair = new("pair", FaultValueKind.Glob, "*",
        "The pairs of sender and receiver, as cpu-0>kernel; each counts and draws for itself.");

    public static readonly FaultPoint ActorCrash = new(
        "actor_crash",
        "An actor of the machine crashes in the handling of a message, and is restarted.",
        "A CPU: its TLB is empty, accessed and dirty bits are in the page tables. A process: SIGKILL, its memory is "
            + "free. The page cache: what is under way to or from files ends with EIO; it is made anew out of mem_map. "
            + "A disk: what is under way ends with EIO, what it holds stays. Swap and the kernel: panic.",
        new FaultParameter("actor", FaultValueKind.Glob, "*",
            "The actors: cpu-N, p-PID, page-cache, swap, disk-NAME, kernel."),
        new FaultParameter("page-cache", FaultValueKind.Word, "rebuild",
            "What becomes of the page cache: made anew, or panic.", "rebuild", "panic"))
    {
        IsApart = true,
    };

    public static readonly FaultPoint MessageLoss = new(
        "message_loss",
        "A message between two actors of the machine is lost.",
        "When nothing else is left to do, what was not answered is asked again; what was done already is not done "
            + "twice. The run ends as without, with the same digest; with resend=N as a stall.",
        Pair,
        new FaultParameter("resend", FaultValueKind.Flag, "Y", "N: nothing is asked again."))
    {
        IsApart = true,
    };

    public static readonly FaultPoint MessageTwice = new(
        "message_twice",
        "A message between two actors of the machine arrives twice, every other time much later.",
        "The receiver knows it by its number and leaves it: one effect, one answer. The digest is the same.",
        Pair)
    {
        IsApart = true,
    };

    public static readonly FaultPoint MessageLate = new(
        "message_late",
        "A message between two actors of the machine arrives when all others have, the last one sent first.",
        "Akka keeps the order from one actor to another, not between pairs: the digest is the same.",
        Pair)
    {
        IsApart = true,
    };
}
