using CsCheck;
using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;

namespace LinuxMem.Mm.Tests.Files;

/// <summary>The packed number of Linux and a plain count agree about who is told of an error.</summary>
public class WriteFailureFuzz
{
    [Fact]
    public void Every_open_file_hears_once_of_what_went_wrong_since_it_was_opened() =>
        Gen.Int[0, 9].List[1, 60].Sample(steps =>
        {
            ErrSeq errors = default;
            WriteFailureCount count = default;
            var files = new List<(ulong Since, long Known)>();
            foreach (int step in steps)
            {
                if (step < 3)
                {
                    errors.Set(Errno.EIO);
                    count.Add();
                }
                else if (step < 5 || files.Count == 0)
                {
                    files.Add((errors.Sample(), count.KnownToNew));
                }
                else
                {
                    (ulong since, long known) = files[step % files.Count];
                    Errno told = errors.CheckAndAdvance(ref since);
                    Assert.True(count.AreTold(ref known, told != Errno.None));
                    files[step % files.Count] = (since, known);
                }
            }
        }, iter: 3000, threads: 1);
}
