namespace LinuxMem.Mm.Exec;

/// <summary>
/// Where the parts of a process's image begin and end, as /proc/PID/stat shows them; 0 where unknown.
/// </summary>
/// <remarks>
/// Linux: include/linux/mm_types.h: struct mm_struct (start_code to env_end), v6.18. The heap's bounds change and are
/// the address space's own.
/// </remarks>
/// <param name="StartCode">First address of executable segments.</param>
/// <param name="EndCode">Address behind what the file holds of them.</param>
/// <param name="StartData">First address of the segment that lies highest.</param>
/// <param name="EndData">Address behind what the file holds of it.</param>
/// <param name="StartStack">The stack pointer that the program starts with; the stack's VMA is told by it.</param>
/// <param name="ArgStart">First byte of the argument strings.</param>
/// <param name="ArgEnd">Address behind them.</param>
/// <param name="EnvStart">First byte of the environment strings.</param>
/// <param name="EnvEnd">Address behind them.</param>
public readonly record struct ImageBounds(
    ulong StartCode, ulong EndCode, ulong StartData, ulong EndData, ulong StartStack, ulong ArgStart = 0,
    ulong ArgEnd = 0, ulong EnvStart = 0, ulong EnvEnd = 0);
