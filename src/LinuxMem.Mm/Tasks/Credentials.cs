namespace LinuxMem.Mm.Tasks;

/// <summary>What a task may do that others may not. Only those that the modelled calls ask for have names.</summary>
/// <remarks>Linux: include/uapi/linux/capability.h, v6.18.</remarks>
[Flags]
public enum Capabilities : ulong
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>CAP_CHOWN: files may be given away.</summary>
    ChangeOwner = 1UL << 0,

    /// <summary>CAP_DAC_OVERRIDE: modes of files do not count.</summary>
    DacOverride = 1UL << 1,

    /// <summary>CAP_DAC_READ_SEARCH: they do not count for reading.</summary>
    DacReadSearch = 1UL << 2,

    /// <summary>CAP_FOWNER: counts as the owner of every file.</summary>
    FileOwner = 1UL << 3,

    /// <summary>CAP_KILL: signals to anybody.</summary>
    Kill = 1UL << 5,

    /// <summary>CAP_SETGID.</summary>
    SetGid = 1UL << 6,

    /// <summary>CAP_SETUID.</summary>
    SetUid = 1UL << 7,

    /// <summary>CAP_IPC_LOCK: locked memory without limit.</summary>
    IpcLock = 1UL << 14,

    /// <summary>CAP_IPC_OWNER: others' segments of shared memory.</summary>
    IpcOwner = 1UL << 15,

    /// <summary>CAP_SYS_RAWIO: mappings below vm.mmap_min_addr.</summary>
    SysRawIo = 1UL << 17,

    /// <summary>CAP_SYS_PTRACE: other users' memory.</summary>
    SysPtrace = 1UL << 19,

    /// <summary>CAP_SYS_ADMIN: the reserve of vm.admin_reserve_kbytes.</summary>
    SysAdmin = 1UL << 21,

    /// <summary>CAP_SYS_NICE: advice on other processes' memory.</summary>
    SysNice = 1UL << 23,

    /// <summary>CAP_SYS_RESOURCE: hard limits may be raised.</summary>
    SysResource = 1UL << 24,

    /// <summary>CAP_MKNOD: devices may be made.</summary>
    MakeNode = 1UL << 27,

    /// <summary>All that Linux 6.18 has.</summary>
    All = (1UL << 41) - 1,

    /// <summary>
    /// Root's on the machine that made the reference logs, as in many containers: all but CAP_SYS_RESOURCE.
    /// </summary>
    Root = All & ~SysResource,
}

/// <summary>Who a task is and what it may do. Immutable: calls that change it put another in its place.</summary>
/// <remarks>Linux: include/linux/cred.h: struct cred, v6.18. Supplementary groups and inheritance are not modelled.
/// </remarks>
/// <param name="Uid">Real user.</param>
/// <param name="Euid">Effective user.</param>
/// <param name="Suid">Saved user.</param>
/// <param name="Gid">Real group.</param>
/// <param name="Egid">Effective group.</param>
/// <param name="Sgid">Saved group.</param>
/// <param name="Effective">Capabilities that count.</param>
/// <param name="Permitted">Capabilities that may be made to count.</param>
public sealed record Credentials(
    uint Uid, uint Euid, uint Suid, uint Gid, uint Egid, uint Sgid, Capabilities Effective, Capabilities Permitted)
{
    /// <summary>The first process's.</summary>
    public static Credentials Root { get; } = new(0, 0, 0, 0, 0, 0, Capabilities.Root, Capabilities.Root);

    /// <summary>A user's, whose group has the same number.</summary>
    public static Credentials Of(uint uid) =>
        new(uid, uid, uid, uid, uid, uid, Capabilities.None, Capabilities.None);

    /// <summary>Whether every capability asked for counts.</summary>
    public bool Has(Capabilities wanted) => (Effective & wanted) == wanted;

    /// <summary>
    /// The same with other user ids: capabilities go when the last id of root goes, the effective ones with its
    /// effective id, and come back with it. With <paramref name="keeps"/> (SECBIT_KEEP_CAPS) they stay permitted.
    /// </summary>
    /// <remarks>Linux: security/commoncap.c: cap_emulate_setxuid, v6.18.</remarks>
    public Credentials WithUsers(uint uid, uint euid, uint suid, bool keeps = false)
    {
        bool wasRoot = Uid == 0 || Euid == 0 || Suid == 0;
        bool isRoot = uid == 0 || euid == 0 || suid == 0;
        Capabilities permitted = wasRoot && !isRoot && !keeps ? Capabilities.None : Permitted;
        Capabilities effective = Effective & permitted;
        if (Euid == 0 && euid != 0)
            effective = Capabilities.None;
        if (Euid != 0 && euid == 0)
            effective = permitted;
        return this with { Uid = uid, Euid = euid, Suid = suid, Permitted = permitted, Effective = effective };
    }

    /// <summary>The same after execve: root gets all that there is again, anybody else loses what is left.</summary>
    /// <remarks>
    /// Linux: security/commoncap.c: cap_bprm_creds_from_file, v6.18, without capabilities of files, inherited and
    /// ambient ones.
    /// </remarks>
    public Credentials AfterExec()
    {
        Capabilities permitted = Uid == 0 || Euid == 0 ? Capabilities.Root : Capabilities.None;
        Capabilities effective = Euid == 0 ? permitted : Capabilities.None;
        return this with { Suid = Euid, Sgid = Egid, Permitted = permitted, Effective = effective };
    }
}
