using LinuxMem.Audit.Oracle;

namespace LinuxMem.Audit.Tests;

public class ContentOracleSpec
{
    private readonly ContentOracle pages = new(12, 12);
    private readonly ContentOracle words = new(12, 3);

    [Fact]
    public void Fresh_memory_is_zero_and_anything_else_is_a_leak()
    {
        pages.Map(1, 0x1000, 0x3000, shared: false, 0, 0);
        Assert.Null(pages.Load(1, 0x1008, 0));
        Assert.Equal("I40 violated: mm 1 loads 0x7 from va 0x1008, where it was given zeros", pages.Load(1, 0x1008, 7));
    }

    [Fact]
    public void A_load_observes_the_last_store()
    {
        words.Map(1, 0x1000, 0x3000, shared: false, 0, 0);
        Assert.Null(words.Store(1, 0x1008, 5));
        Assert.Null(words.Store(1, 0x1008, 6));
        Assert.Null(words.Load(1, 0x1008, 6));
        Assert.Null(words.Load(1, 0x1010, 0));
        Assert.Equal("I37 violated: mm 1 loads 0x5 from va 0x1008, where 0x6 was stored", words.Load(1, 0x1008, 5));
    }

    [Fact]
    public void A_page_has_one_value_where_it_has_one_tag()
    {
        pages.Map(1, 0x1000, 0x3000, shared: false, 0, 0);
        pages.Store(1, 0x1ff8, 9);
        Assert.Null(pages.Load(1, 0x1000, 9));
        Assert.Null(pages.Load(1, 0x2000, 0));
    }

    [Fact]
    public void Accesses_to_what_is_not_mapped_are_reported()
    {
        pages.Map(1, 0x1000, 0x3000, shared: false, 0, 0);
        Assert.StartsWith("I37", pages.Load(1, 0x3000, 0));
        Assert.StartsWith("I37", pages.Store(1, 0xfff, 1));
        Assert.StartsWith("I37", pages.Load(2, 0x1000, 0));
        pages.Exit(1);
        Assert.StartsWith("I37", pages.Load(1, 0x1000, 0));
    }

    [Fact]
    public void Parent_and_child_part_at_fork_but_share_what_is_shared()
    {
        pages.Map(1, 0x1000, 0x3000, shared: false, 0, 0);
        pages.Map(1, 0x8000, 0x9000, shared: true, 7, 0);
        pages.Store(1, 0x1000, 5);
        pages.Fork(1, 2);
        pages.Store(1, 0x1000, 6);
        pages.Store(2, 0x8000, 8);
        Assert.Null(pages.Load(2, 0x1000, 5));
        Assert.Null(pages.Load(1, 0x8000, 8));
        Assert.NotNull(pages.Load(2, 0x1000, 6));
    }

    [Fact]
    public void Memory_mapped_again_is_fresh_in_the_part_that_was_unmapped()
    {
        words.Map(1, 0x1000, 0x4000, shared: false, 0, 0);
        foreach (ulong va in (ulong[])[0x1000, 0x2000, 0x3000])
            words.Store(1, va, va);
        words.Unmap(1, 0x2000, 0x3000);
        Assert.NotNull(words.Load(1, 0x2000, 0));
        words.Map(1, 0x2000, 0x3000, shared: false, 0, 0);
        Assert.Null(words.Load(1, 0x1000, 0x1000));
        Assert.Null(words.Load(1, 0x2000, 0));
        Assert.Null(words.Load(1, 0x3000, 0x3000));
    }

    [Fact]
    public void A_files_own_contents_are_not_judged_until_they_are_stored()
    {
        words.MapFile(1, 0x1000, 0x3000, shared: true, 3, 4);
        words.MapFile(2, 0x5000, 0x7000, shared: false, 3, 4);
        Assert.Null(words.Load(1, 0x1000, 1234));
        Assert.Null(words.Load(2, 0x5000, 4321));
        Assert.Equal(2, words.LoadsNotJudged);
        words.Store(1, 0x1000, 5);
        Assert.Null(words.Load(2, 0x5000, 5));
        Assert.NotNull(words.Load(2, 0x5000, 6));
    }

    [Fact]
    public void A_private_copy_of_a_page_no_longer_sees_the_file()
    {
        words.MapFile(1, 0x1000, 0x3000, shared: true, 3, 4);
        words.MapFile(2, 0x5000, 0x7000, shared: false, 3, 4);
        words.Store(1, 0x1000, 5);
        words.Store(2, 0x5008, 6);
        words.Store(1, 0x1000, 7);
        words.Store(1, 0x1008, 8);
        Assert.Null(words.Load(2, 0x5000, 5));
        Assert.Null(words.Load(2, 0x5008, 6));
        Assert.Null(words.Load(1, 0x1008, 8));
    }

    [Fact]
    public void Contents_outlive_mappings_until_shared_memory_is_gone()
    {
        pages.MapFile(1, 0x1000, 0x2000, shared: true, 3, 0);
        pages.Map(1, 0x4000, 0x5000, shared: true, 4, 0);
        pages.Store(1, 0x1000, 5);
        pages.Store(1, 0x4000, 5);
        pages.Exit(1);
        pages.MapFile(2, 0x1000, 0x2000, shared: true, 3, 0);
        pages.Map(2, 0x4000, 0x5000, shared: true, 4, 0);
        Assert.Null(pages.Load(2, 0x1000, 5));
        Assert.Null(pages.Load(2, 0x4000, 5));
        pages.Exit(2);
        pages.Cut(4, 0, ulong.MaxValue, copiesToo: true);
        pages.Map(3, 0x4000, 0x5000, shared: true, 4, 0);
        Assert.Null(pages.Load(3, 0x4000, 0));
    }

    [Fact]
    public void A_file_has_zeros_where_a_hole_was_made_until_it_is_stored_to_or_not_known()
    {
        pages.MapFile(1, 0x1000, 0x5000, shared: true, 4, 0);
        Assert.Null(pages.Load(1, 0x2000, 8)); // nobody knows what a file has
        pages.Cut(4, 1, 3, copiesToo: false, isHole: true);
        Assert.NotNull(pages.Load(1, 0x2000, 8));
        Assert.NotNull(pages.LoadFromObject(4, 0x2000, 8));
        Assert.Null(pages.Load(1, 0x2000, 0));
        Assert.Null(pages.Load(1, 0x4000, 8));
        pages.Store(1, 0x2000, 5);
        Assert.Null(pages.Load(1, 0x2000, 5));
        pages.DoubtObject(4, 0x1000);
        Assert.Null(pages.Load(1, 0x2000, 9));
        pages.Cut(4, 2, 3, copiesToo: false); // its contents were shifted
        Assert.Null(pages.Load(1, 0x3000, 9));
    }

    [Fact]
    public void A_private_copy_of_a_hole_holds_its_zeros()
    {
        pages.MapFile(1, 0x1000, 0x3000, shared: false, 4, 0);
        pages.Cut(4, 0, 2, copiesToo: false, isHole: true);
        pages.Store(1, 0x1000, 5);
        pages.Copy(1, 0x2000);
        pages.StoreToObject(4, isFile: true, 0x1000, 7);
        Assert.Null(pages.Load(1, 0x2000, 0));
        Assert.NotNull(pages.Load(1, 0x2000, 7));
    }

    [Fact]
    public void What_is_cut_off_an_object_begins_anew_and_private_copies_go_if_told()
    {
        pages.Map(1, 0x1000, 0x3000, shared: true, 4, 0);
        pages.Map(2, 0x1000, 0x3000, shared: false, 4, 0);
        pages.Store(1, 0x1000, 5);
        pages.Store(1, 0x2000, 6);
        pages.Store(2, 0x2000, 7);
        pages.Cut(4, 1, 2, copiesToo: false);
        Assert.Null(pages.Load(1, 0x1000, 5));
        Assert.Null(pages.Load(1, 0x2000, 0));
        Assert.Null(pages.Load(2, 0x2000, 7));
        pages.Cut(4, 1, 2, copiesToo: true);
        Assert.Null(pages.Load(2, 0x2000, 0));
        pages.StoreToObject(4, isFile: false, 0x1000, 9);
        Assert.Null(pages.Load(2, 0x2000, 9));
        Assert.NotNull(pages.Load(2, 0x1000, 6));
    }

    [Fact]
    public void Moved_pages_take_their_contents_along()
    {
        words.Map(1, 0x1000, 0x3000, shared: false, 0, 0);
        words.Map(1, 0x3000, 0x4000, shared: true, 9, 0);
        words.Store(1, 0x1000, 1);
        words.Store(1, 0x3000, 3);
        words.Move(1, 0x1000, 0x8000, 0x3000);
        Assert.Null(words.Load(1, 0x8000, 1));
        Assert.Null(words.Load(1, 0x9000, 0));
        Assert.Null(words.Load(1, 0xa000, 3));
        Assert.NotNull(words.Load(1, 0x1000, 1));
    }

    [Fact]
    public void Stores_and_loads_allocate_nothing_when_warm()
    {
        pages.Map(1, 0x1000, 0x101000, shared: false, 0, 0);
        for (int round = 0; round < 2; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (ulong va = 0x1000; va < 0x101000; va += 0x1000)
            {
                pages.Store(1, va, va);
                pages.Load(1, va, va);
            }

            if (round == 1)
                Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }
}
