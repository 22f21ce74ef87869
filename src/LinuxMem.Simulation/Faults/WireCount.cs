namespace LinuxMem.Simulation.Faults;

/// <summary>
/// Messages from one actor of the machine to another, when some of them were to be lost, doubled or late.
/// </summary>
/// <param name="Pair">As <c>cpu-0>kernel</c>.</param>
/// <param name="Sent">Messages sent; how many depends on the window.</param>
/// <param name="Lost">Of those, lost.</param>
/// <param name="Copies">Copies that were made.</param>
/// <param name="Late">Messages that were late.</param>
public readonly record struct WireCount(string Pair, long Sent, long Lost, long Copies, long Late);
