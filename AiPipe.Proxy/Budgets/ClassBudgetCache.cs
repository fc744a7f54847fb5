using System.Collections.Frozen;
using AiPipe.Proxy.Apis;
using AiPipe.Proxy.Money;
using AiPipe.Proxy.Pricing;

namespace AiPipe.Proxy.Budgets;

/// <summary>
/// The budgets that people have as members of classes, in memory: a call costs one look-up, and people in no class nothing more. Whether a
/// class runs today is asked of each call, so that none outlives its last day.
/// </summary>
internal sealed class ClassBudgetCache(TimeProvider clock)
{
    /// <summary>The classes of each member, the largest limit first. Swapped whole and never changed, so that readers take no lock.</summary>
    private volatile FrozenDictionary<string, ClassBudget[]> _byMember = FrozenDictionary<string, ClassBudget[]>.Empty;

    /// <summary>All classes of a person that are not over, running or not.</summary>
    /// <param name="email">In lower case.</param>
    public IReadOnlyList<ClassBudget> Of(string email) => _byMember.GetValueOrDefault(email) ?? [];

    /// <summary>The class that pays for a call: of those that run today and allow its model, the one with the largest limit.</summary>
    /// <param name="email">In lower case.</param>
    /// <param name="target">What is called.</param>
    public ClassBudget? PayingFor(string email, CallTarget target)
    {
        if (!_byMember.TryGetValue(email, out var classes)) return null;
        var today = clock.Today;
        foreach (var taught in classes)
            if (taught.RunsOn(today) && taught.Allows(target)) return taught;
        return null;
    }

    /// <summary>A class that would pay, if it were not for the model.</summary>
    /// <param name="email">In lower case.</param>
    /// <param name="target">What is called.</param>
    public ClassBudget? Forbidding(string email, CallTarget target)
    {
        if (!_byMember.TryGetValue(email, out var classes)) return null;
        var today = clock.Today;
        foreach (var taught in classes)
            if (taught.RunsOn(today) && !taught.Allows(target)) return taught;
        return null;
    }

    public void Replace(IEnumerable<(string Email, ClassBudget Class)> members) => _byMember = members
        .GroupBy(static member => member.Email, static member => member.Class, StringComparer.Ordinal)
        .ToFrozenDictionary(static own => own.Key, static own => own.OrderByDescending(taught => taught.Own.Budget.Limit.Value).ThenBy(taught => taught.Id).ToArray(),
            StringComparer.Ordinal);
}

/// <summary>What a class gives each of its members. Immutable.</summary>
internal sealed class ClassBudget
{
    private const string Kind = "class";

    private readonly ScopeLimit _member;

    /// <summary>Takes over what is written down of a class.</summary>
    /// <param name="id">The class's.</param>
    /// <param name="name">What people call it.</param>
    /// <param name="runs">The UTC dates on which it pays.</param>
    /// <param name="budget">Each member's.</param>
    /// <param name="models">What it pays for; empty = every model.</param>
    /// <param name="together">What all its members may spend from it in all its time; <c>null</c> = no such limit.</param>
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

    /// <summary>In place of the budget that a member has otherwise.</summary>
    public OwnBudget Own { get; }

    /// <summary>The counter of the class's whole bill.</summary>
    public BudgetScope? Together { get; }

    public bool RunsOn(DateOnly day) => Runs.First <= day && day <= Runs.Last;

    /// <summary>True when the class pays for such a call; one that names no model costs nothing.</summary>
    public bool Allows(CallTarget target)
    {
        if (Models.Count == 0 || target.Model.Length == 0) return true;
        foreach (var model in Models)
            if (model.Covers(target.Model, target.Family)) return true;
        return false;
    }

    /// <summary>
    /// The counter of what a member spends from this class: part of what they spend in all, so that it stops nobody sooner, and what their
    /// teacher sees of it.
    /// </summary>
    public BudgetScope ScopeOf(string email) => _member.ScopeFor(email);

    /// <summary>Its key.</summary>
    public static string MemberKeyOf(string email, Guid id) => BudgetScope.PersonalKey(Kind, email, id.ToString());

    /// <summary>The key of <see cref="Together"/>.</summary>
    public static string TogetherKeyOf(Guid id) => BudgetScope.SharedKey(Kind, id.ToString());
}
