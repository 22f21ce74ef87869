using LinuxMem.Mm.Proc;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Proc;

public class PressureFilesSpec
{
    [Theory]
    [InlineData("cpu"), InlineData("io"), InlineData("memory")]
    public void Pressure_of_a_machine_at_rest_is_nothing_in_Linuxs_words(string name)
    {
        using var rig = new KernelRig();
        string text = ProcExport.Read(rig.Kernel.Proc, 5_000_000).Single(f => f.Key == "proc/pressure/" + name).Value;
        Assert.Equal("some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"
            + "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n", text);
    }
}
