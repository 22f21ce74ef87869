using Akka.Actor;
using LinuxMem.Architecture.Tests.Rules;

namespace LinuxMem.Architecture.Tests;

public class TypeSpec
{
    public static TheoryData<string> AllRooms => new(Rooms.Allowed.Keys);

    [Theory]
    [MemberData(nameof(AllRooms))]
    public void Actors_are_sealed_named_so_and_given_plain_things(string room) =>
        Assert.Empty(TypeRules.TypesOf(room).SelectMany(TypeRules.ActorFlaws));

    [Theory]
    [MemberData(nameof(AllRooms))]
    public void There_is_no_static_state(string room) =>
        Assert.Empty(TypeRules.TypesOf(room).SelectMany(TypeRules.StaticState));

    [Fact]
    public void A_flawed_actor_is_found()
    {
        Assert.Empty(TypeRules.ActorFlaws(typeof(FineActor)));
        Assert.Empty(TypeRules.ActorFlaws(typeof(string)));
        Assert.Single(TypeRules.ActorFlaws(typeof(OpenActor)));
        Assert.Single(TypeRules.ActorFlaws(typeof(Misnamed)));
        Assert.Single(TypeRules.ActorFlaws(typeof(NosyActor)));
    }

    [Fact]
    public void Static_state_is_found()
    {
        Assert.Empty(TypeRules.StaticState(typeof(Constant)));
        Assert.Single(TypeRules.StaticState(typeof(Variable)));
    }

    private sealed class FineActor(IActorRef kernel, int cpu) : UntypedActor
    {
        protected override void OnReceive(object message) => kernel.Tell(cpu);
    }

    private class OpenActor : UntypedActor
    {
        protected override void OnReceive(object message)
        {
        }
    }

    private sealed class Misnamed : UntypedActor
    {
        protected override void OnReceive(object message)
        {
        }
    }

    private sealed class NosyActor(ActorSystem system) : UntypedActor
    {
        protected override void OnReceive(object message) => system.Terminate();
    }

    private static class Constant
    {
        public static readonly string Name = "x";
        public static readonly Func<int, int> Next = x => x + 1;
        public const int One = 1;

        public static string Property { get; } = Name + Next(One);
    }

    private static class Variable
    {
        private static int count;

        public static int Next() => ++count;
    }
}
