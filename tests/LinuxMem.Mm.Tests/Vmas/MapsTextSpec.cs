using System.Text;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Tests.Vmas;

/// <summary>Lines of /proc/PID/maps, compared with lines that Linux 6.18 printed.</summary>
public class MapsTextSpec
{
    private static readonly MapsLabels Labels = new(0x4b0000, 0x4d2000, 0x7fffffffe100);
    private readonly VmaSet set = new(12, 0x1000, 0x7fff_ffff_f000);

    private void Expect(params string[] lines)
    {
        var text = new StringBuilder();
        MapsText.Append(text, set.Tree, Labels);
        Assert.Equal(string.Concat(lines.Select(line => line + "\n")), text.ToString());
    }

    [Fact]
    public void Bss_heap_and_stack_print_as_on_a_real_machine()
    {
        const VmFlags rw = VmFlags.Read | VmFlags.Write;
        set.Map(0x4aa000, 0x4b0000, rw, 0x4aa, null, null);
        set.MapBrk(0x4b0000, 0x4d2000, rw, 0x4b0000);
        set.Map(0x7ffff7ffd000, 0x7ffff7fff000, VmFlags.Read | VmFlags.Exec, 0, null, "[vdso]");
        set.Map(0x7ffffffde000, 0x7ffffffff000, rw | VmFlags.GrowsDown, 0x7ffffffde, null, null);
        Expect(
            "004aa000-004b0000 rw-p 00000000 00:00 0 ",
            "004b0000-004d2000 rw-p 00000000 00:00 0                                  [heap]",
            "7ffff7ffd000-7ffff7fff000 r-xp 00000000 00:00 0                          [vdso]",
            "7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0                          [stack]");
    }

    [Fact]
    public void Objects_print_offset_device_inode_and_name()
    {
        var file = new AddressSpace(12214731, "/tmp/f1", false);
        var shared = new AddressSpace(11843, "/dev/zero (deleted)", true);
        set.Map(0x10000, 0x13000, VmFlags.Read | VmFlags.Write, 4, file, null);
        const VmFlags rws = VmFlags.Read | VmFlags.Write | VmFlags.Shared | VmFlags.MayShare;
        set.Map(0x100009000, 0x10000a000, rws, 0, shared, null);
        Expect(
            "00010000-00013000 rw-p 00004000 fe:00 12214731                           /tmp/f1",
            "100009000-10000a000 rw-s 00000000 00:01 11843                            /dev/zero (deleted)");
    }

    [Fact]
    public void A_file_mapped_shared_for_reading_only_is_still_marked_shared()
    {
        set.Map(0x10000, 0x11000, VmFlags.MayShare, 0, new AddressSpace(11850, "/a\nb", true), null);
        Expect("00010000-00011000 ---s 00000000 00:01 11850                              /a\\012b");
    }
}
