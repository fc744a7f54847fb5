using System.Collections.Frozen;
using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Money;

namespace AiPipe.Proxy.Budgets;

/// <summary>The class budgets of members, in memory. Each call checks whether the class is running today.</summary>
internal sealed class ClassBudgetCache(TimeProvider clock)
{
    private volatile FrozenDictionary<string, ClassBudget[]> _byMember = FrozenDictionary<string, ClassBudget[]>.Empty;

    public IReadOnlyList<ClassBudget> Of(string email) => _byMember.GetValueOrDefault(email) ?? [];

    /// <summary>The class that pays for a call: the largest limit of those that run today and allow the model.</summary>
    /// <param name="email">In lower case.</param>
    public ClassBudget? PayingFor(string email, CallTarget target)
    {
        if (!_byMember.TryGetValue(email, out var classes)) return null;
        var today = clock.Today;
        foreach (var taught in classes)
            if (taught.RunsOn(today) && taught.Allows(target)) return taught;
        return null;
    }

    public ClassBudget? Forbidding(string email, CallTarget target)
    {
        if (!_byMember.TryGetValue(email, out var classes)) return null;
        var today = clock.Today;
        foreach (var taught in classes)
            if (taught.RunsOn(today) && !taught.Allows(target)) return taught;
        return null;
    }

    /// <summary>The class that refuses a call, because its model is not one of the class and no other class pays for it.</summary>
    /// <param name="email">In lower case.</param>
    public ClassBudget? Refusing(string email, CallTarget target)
    {
        if (!_byMember.TryGetValue(email, out var classes)) return null;
        return PayingFor(email, target) is null ? Restricting(classes, target) : null;
    }

    /// <summary>True if the member's other budget may pay for a call that no class has room for.</summary>
    public bool OtherBudgetPays(string email, CallTarget target) =>
        !_byMember.TryGetValue(email, out var classes) || Restricting(classes, target) is null;

    private ClassBudget? Restricting(ClassBudget[] classes, CallTarget target)
    {
        var today = clock.Today;
        foreach (var taught in classes)
            if (taught.RefusesOtherModels && taught.RunsOn(today) && !taught.Allows(target)) return taught;
        return null;
    }

    public void Replace(IEnumerable<(string Email, ClassBudget Class)> members) => _byMember = members
        .GroupBy(static member => member.Email, static member => member.Class, StringComparer.Ordinal)
        .ToFrozenDictionary(static own => own.Key, static own =>
            own.OrderByDescending(taught => taught.Own.Budget.Limit.Value).ThenBy(taught => taught.Id).ToArray(),
            StringComparer.Ordinal);
}

internal sealed class ClassBudget
{
    private const string Kind = "class";

    private readonly ScopeLimit _member;

    public ClassBudget(Guid id, string name, BudgetWindow.Dates runs, Budget budget, IReadOnlyList<ModelName> models, PicoUsd? together)
    {
        (Id, Name, Runs, Models) = (id, name, runs, models);
        Own = new OwnBudget(budget, CallLimits.None) { Class = this };
        _member = new ScopeLimit(Kind, id.ToString(), budget);
        if (together is { } limit) Together = new BudgetScope(TogetherKeyOf(id), new Budget(limit, runs));
    }

    public Guid Id { get; }
    public string Name { get; }
    public BudgetWindow.Dates Runs { get; }
    public IReadOnlyList<ModelName> Models { get; }

    /// <summary>Refuses models other than <see cref="Models"/>, instead of leaving them to the member's other budget.</summary>
    public bool RefusesOtherModels { get; init; }

    /// <summary>Replaces the member's other budget.</summary>
    public OwnBudget Own { get; }

    public BudgetScope? Together { get; }

    public bool RunsOn(DateOnly day) => Runs.First <= day && day <= Runs.Last;

    /// <summary>True if the class pays for the call; a call without a model is free.</summary>
    public bool Allows(CallTarget target)
    {
        if (Models.Count == 0 || target.Model.Length == 0) return true;
        foreach (var model in Models)
            if (model.Covers(target.Model, target.Family)) return true;
        return false;
    }

    public BudgetScope ScopeOf(string email) => _member.ScopeFor(email);

    public static string MemberKeyOf(string email, Guid id) => BudgetScope.PersonalKey(Kind, email, id.ToString());

    public static string TogetherKeyOf(Guid id) => BudgetScope.SharedKey(Kind, id.ToString());
}
