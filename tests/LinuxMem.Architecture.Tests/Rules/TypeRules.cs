using System.Reflection;
using System.Runtime.CompilerServices;
using Akka.Actor;

namespace LinuxMem.Architecture.Tests.Rules;

/// <summary>What types look like, by reflection.</summary>
internal static class TypeRules
{
    /// <summary>
    /// What is wrong with an actor class: it is sealed (or abstract) and named so; its constructor takes plain things,
    /// so that nothing but messages connects actors.
    /// </summary>
    public static IEnumerable<string> ActorFlaws(Type type)
    {
        if (!typeof(ActorBase).IsAssignableFrom(type))
            yield break;
        if (!type.IsSealed && !type.IsAbstract)
            yield return $"{type}: an actor is sealed, or what sealed ones are made of";
        if (!type.Name.Split('`')[0].EndsWith("Actor", StringComparison.Ordinal))
            yield return $"{type}: an actor's name ends in Actor";
        foreach (var parameter in type.GetConstructors(All).SelectMany(constructor => constructor.GetParameters()))
        {
            if (typeof(ActorBase).IsAssignableFrom(parameter.ParameterType)
                || typeof(IActorRefFactory).IsAssignableFrom(parameter.ParameterType)
                || parameter.ParameterType.Namespace == "LinuxMem.Actors.Hosting")
                yield return $"{type}: an actor is not given a {parameter.ParameterType.Name}";
        }

        foreach (var field in type.GetFields(All).Where(field => typeof(ActorBase).IsAssignableFrom(field.FieldType)))
            yield return $"{type}.{field.Name}: an actor holds no other actor, only references to it";
    }

    /// <summary>Static fields that can change: two runs in one process would meet in them.</summary>
    public static IEnumerable<string> StaticState(Type type) =>
        type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Where(field => !field.IsInitOnly && !field.IsLiteral && !IsGenerated(field) && !IsGenerated(type))
            .Select(field => $"{type}.{field.Name}: static state");

    /// <summary>All types of a room.</summary>
    public static IEnumerable<Type> TypesOf(string room) => Assembly.LoadFrom(Rooms.AssemblyPath(room)).GetTypes();

    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static bool IsGenerated(MemberInfo member) =>
        member.Name.Contains('<') || member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
        || (member.DeclaringType is { } outer && IsGenerated(outer));
}
