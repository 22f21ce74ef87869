using LinuxMem.Simulation.Faults;

namespace LinuxMem.Simulation.Tests.Faults;

public class FaultTextSpec
{
    [Theory]
    [InlineData("fail_usercopy=1,100,0,-1")]
    [InlineData("fail_usercopy=7,3,4096,12,verbose=0,task-filter=Y,require=copy_*,reject=*from*")]
    [InlineData("fail_page_alloc=1,5,0,3,min-order=0,ignore-gfp-wait=N,ignore-gfp-highmem=N")]
    public void What_is_written_is_read_and_written_the_same(string text) =>
        Assert.Equal(text, FaultText.Format(FaultText.Parse(text)));

    [Theory]
    [InlineData("fail_usercpoy=1,100,0,1", "there is no fault point \"fail_usercpoy\"; expected one of ")]
    [InlineData("fail_usercopy", "the fault fail_usercopy has 0 of the 4 numbers; expected fail_usercopy=interval,")]
    [InlineData("fail_usercopy=1,100,0", "the fault fail_usercopy has 3 of the 4 numbers; expected ")]
    [InlineData("fail_usercopy=0,100,0,1", "interval of the fault fail_usercopy is \"0\"; expected a whole number ")]
    [InlineData("fail_usercopy=1,101,0,1", "probability of the fault fail_usercopy is \"101\"; expected a whole ")]
    [InlineData("fail_usercopy=1,1e2,0,1", "probability of the fault fail_usercopy is \"1e2\"; expected a whole ")]
    [InlineData("fail_usercopy=1,1,0,-2", "times of the fault fail_usercopy is \"-2\"; expected a whole number from 0 "
        + "to 2147483647, or -1 for no limit")]
    [InlineData("fail_usercopy=1,1,0,1,min-order=0",
        "the fault fail_usercopy has no parameter \"min-order\"; expected one of verbose, task-filter, require")]
    [InlineData("fail_page_alloc=1,1,0,1,ignore-gfp-wait=no",
        "ignore-gfp-wait of the fault fail_page_alloc is \"no\"; expected Y or N")]
    [InlineData("fail_usercopy=1,1,0,1,verbose=1,verbose=1", "verbose of the fault fail_usercopy is given twice")]
    [InlineData("fail_usercopy=1,1,0,1,verbose", "\"verbose\" of the fault fail_usercopy is not of the form key=value")]
    public void Mistakes_are_named_with_what_is_expected(string text, string message)
    {
        var mistake = Assert.Throws<ConfigurationException>(() => FaultText.Parse(text));
        Assert.StartsWith(message, mistake.Message);
    }

    [Theory]
    [InlineData("copy_to_user", "the fault at copy_to_user says not which; expected copy_to_user#1 or another number")]
    [InlineData("copy_to_user#0", "the fault at copy_to_user says not which; ")]
    [InlineData("copy_two_user#1", "there is no fault site \"copy_two_user\"; 'linuxmem faults' lists them")]
    public void Mistakes_in_a_replay_are_named(string text, string message)
    {
        var mistake = Assert.Throws<ConfigurationException>(() => FaultDecision.ParseList(text));
        Assert.StartsWith(message, mistake.Message);
    }

    [Theory]
    [InlineData("*", "", true)]
    [InlineData("a*c", "abbc", true)]
    [InlineData("a*c", "abcb", false)]
    [InlineData("*b?d*", "abcd", true)]
    [InlineData("?", "", false)]
    [InlineData("", "a", false)]
    [InlineData("a**a", "aa", true)]
    public void Patterns_match_whole_names(string pattern, string name, bool matches) =>
        Assert.Equal(matches, FaultNumbers.Matches(pattern, name));

    [Fact]
    public void Defaults_that_do_nothing_are_warned_of()
    {
        FaultSettings settings = new() { Rules = [FaultText.Parse("fail_page_alloc=1,100,0,-1")] };
        string all = string.Join('\n', FaultWarnings.Of(settings));
        Assert.Contains("min-order is 1 (Linux's default is 1)", all);
        Assert.Contains("ignore-gfp-highmem is Y", all);
        Assert.Contains("ignore-gfp-wait is Y", all);
        settings = new() { Rules = [FaultText.Parse("fail_usercopy=1,0,0,1")] };
        Assert.Contains("probability is 0", Assert.Single(FaultWarnings.Of(settings)));
    }
}
