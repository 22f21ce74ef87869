namespace LinuxMem.Mm.Syscalls.User;

/// <summary>Commands of ioctl on a descriptor of userfaultfd.</summary>
/// <remarks>Linux: include/uapi/linux/userfaultfd.h, v6.18.</remarks>
internal static class UserfaultCommand
{
    internal const uint Api = 0xc018_aa3f;
    internal const uint Register = 0xc020_aa00;
    internal const uint Unregister = 0x8010_aa01;
    internal const uint Wake = 0x8010_aa02;
    internal const uint Copy = 0xc028_aa03;
    internal const uint ZeroPage = 0xc020_aa04;
    internal const uint Move = 0xc028_aa05;
    internal const uint WriteProtect = 0xc018_aa06;
    internal const uint Continue = 0xc020_aa07;
    internal const uint Poison = 0xc020_aa08;
}
