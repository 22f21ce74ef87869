namespace LinuxMem.Mm.Tasks;

/// <summary>
/// A pid namespace: what it says of memory. Numbers of tasks are the same in all of them here.
/// </summary>
/// <remarks>
/// Linux: include/linux/pid_namespace.h: struct pid_namespace, pidns_memfd_noexec_scope; kernel/pid.c:
/// pid_mfd_noexec_dointvec_minmax, v6.18.
/// </remarks>
public sealed class PidNamespace
{
    private readonly PidNamespace? parent;
    private int scope;

    /// <summary>The first one, or one within another, which begins as strict as that is.</summary>
    public PidNamespace(PidNamespace? parent = null)
    {
        this.parent = parent;
        scope = parent?.MemfdNoexec ?? 0;
    }

    /// <summary>
    /// vm.memfd_noexec: 0, memfds may be executed unless they say otherwise; 1, they may not unless they say so; 2,
    /// those that may are refused. It is at least as strict as in the namespaces around it.
    /// </summary>
    public int MemfdNoexec => Math.Max(scope, parent?.MemfdNoexec ?? 0);

    /// <summary>Sets vm.memfd_noexec; false for a number beyond 2, or less strict than around it.</summary>
    public bool TrySetMemfdNoexec(long value)
    {
        if (value > 2 || value < (parent?.MemfdNoexec ?? 0))
            return false;
        scope = (int)value;
        return true;
    }
}
