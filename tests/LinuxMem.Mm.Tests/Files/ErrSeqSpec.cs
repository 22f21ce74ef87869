using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;

namespace LinuxMem.Mm.Tests.Files;

public class ErrSeqSpec
{
    [Fact]
    public void Each_holder_hears_of_an_error_once_and_of_the_next_again()
    {
        var errors = default(ErrSeq);
        ulong first = errors.Sample(), second = errors.Sample();
        Assert.Equal(Errno.None, errors.CheckAndAdvance(ref first));
        errors.Set(Errno.EIO);
        Assert.Equal(Errno.EIO, errors.CheckAndAdvance(ref first));
        Assert.Equal(Errno.None, errors.CheckAndAdvance(ref first));
        Assert.Equal(Errno.EIO, errors.CheckAndAdvance(ref second));
        errors.Set(Errno.ENOSPC);
        Assert.Equal(Errno.ENOSPC, errors.CheckAndAdvance(ref second));
        Assert.Equal(Errno.ENOSPC, errors.CheckAndAdvance(ref first));
    }

    [Fact]
    public void Who_opens_later_hears_of_an_error_only_if_nobody_has()
    {
        var errors = default(ErrSeq);
        ulong early = errors.Sample();
        errors.Set(Errno.EIO);
        ulong late = errors.Sample();
        Assert.Equal(Errno.EIO, errors.CheckAndAdvance(ref late));
        ulong latest = errors.Sample();
        Assert.Equal(Errno.None, errors.CheckAndAdvance(ref latest));
        Assert.Equal(Errno.EIO, errors.CheckAndAdvance(ref early));
    }
}
