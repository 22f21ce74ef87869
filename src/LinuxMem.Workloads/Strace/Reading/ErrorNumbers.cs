namespace LinuxMem.Workloads.Strace.Reading;

/// <summary>The numbers of errors that the simulated kernel itself never answers with.</summary>
/// <remarks>Linux: include/uapi/asm-generic/errno-base.h and errno.h; include/linux/errno.h, v6.18.</remarks>
internal static class ErrorNumbers
{
    private static readonly string[] Low =
    [
        "", "EPERM", "ENOENT", "ESRCH", "EINTR", "EIO", "ENXIO", "E2BIG", "ENOEXEC", "EBADF", "ECHILD", "EAGAIN",
        "ENOMEM", "EACCES", "EFAULT", "ENOTBLK", "EBUSY", "EEXIST", "EXDEV", "ENODEV", "ENOTDIR", "EISDIR", "EINVAL",
        "ENFILE", "EMFILE", "ENOTTY", "ETXTBSY", "EFBIG", "ENOSPC", "ESPIPE", "EROFS", "EMLINK", "EPIPE", "EDOM",
        "ERANGE", "EDEADLK", "ENAMETOOLONG", "ENOLCK", "ENOSYS", "ENOTEMPTY", "ELOOP",
    ];

    /// <summary>The negated number of an error, or -4095 for one that is not in the tables.</summary>
    internal static long Of(string name)
    {
        int index = Array.IndexOf(Low, name);
        if (index > 0)
            return -index;
        return name switch
        {
            "ENODATA" => -61,
            "EBADFD" => -77,
            "EILSEQ" => -84,
            "EOVERFLOW" => -75,
            "ELIBBAD" => -80,
            "ENOTSOCK" => -88,
            "EOPNOTSUPP" => -95,
            "ENOTCONN" => -107,
            "ETIMEDOUT" => -110,
            "ECONNREFUSED" => -111,
            "EINPROGRESS" => -115,
            "ERESTARTSYS" => -512,
            "ERESTARTNOINTR" => -513,
            "ERESTARTNOHAND" => -514,
            "ERESTART_RESTARTBLOCK" => -516,
            _ => -4095,
        };
    }
}
